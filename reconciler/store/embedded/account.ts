import { accessSync, constants, lchownSync, lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SyncError } from '../../model/error.ts';

/** The account that a server runs under, when that is not our own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root. A number that no distribution and no systemd hands out, so that no other program
 * can read the data or signal the server, as every daemon that runs as `nobody` could.
 */
const reserved: Account = { uid: 60_923, gid: 60_923 };

/**
 * Null unless we are root. Else the account that owns an existing data directory, so that it can also be opened by
 * its former owner again; else the account `plimsoll` where the machine has one; else a number of our own.
 */
export function chooseAccount(dataDirectory: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const existing = lstatSync(dataDirectory, { throwIfNoEntry: false });
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  return readAccounts().find(({ name }) => name === 'plimsoll') ?? reserved;
}

/** `initdb`, other than the server itself, insists on an account that has a name. */
export function chooseNamedAccount(account: Account | null): Account | null {
  if (account === null) return null;
  const accounts = readAccounts();
  const named =
    accounts.find(({ uid }) => uid === account.uid) ?? accounts.find(({ name }) => name === 'nobody');
  if (named !== undefined) return { uid: named.uid, gid: named.gid };
  throw new SyncError(
    'ConfigInvalid',
    'The embedded database cannot be made as root, because /etc/passwd has no account `nobody`; ' +
      'add one, start Plimsoll as another user, or name a database server in PLIMSOLL_DATABASE_URL.',
  );
}

interface NamedAccount extends Account {
  readonly name: string;
}

function readAccounts(): readonly NamedAccount[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , uid, gid]) =>
      name === undefined || uid === undefined || gid === undefined
        ? []
        : [{ name, uid: Number(uid), gid: Number(gid) }],
    );
}

/** Gives a directory and everything in it to the account, itself last. Links are not followed. */
export function giveTo(directory: string, { uid, gid }: Account): void {
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(directory, entry), uid, gid);
  }
  lchownSync(directory, uid, gid);
}

/** Whether the account may run the file, or enter the directory. Access lists beyond the mode are not looked at. */
export function canUse(path: string, account: Account | null): boolean {
  if (account === null) return canUseOurselves(path);
  const bits = statSync(path).isDirectory() ? 0o1 : 0o5;
  return (
    may(path, { account, bits }) && parentsOf(path).every((parent) => may(parent, { account, bits: 0o1 }))
  );
}

function canUseOurselves(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function may(path: string, { account, bits }: { readonly account: Account; readonly bits: number }): boolean {
  const { uid, gid, mode } = statSync(path);
  if (uid === account.uid) return ((mode >> 6) & bits) === bits;
  return ((gid === account.gid ? mode >> 3 : mode) & bits) === bits;
}

function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parentsOf(parent)];
}
