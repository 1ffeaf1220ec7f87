import type { ConfigNamedEngine, ConfigSsh, ConfigTls, OperatorConfig } from '../model/generated/config.ts';
import { defaultEngine, name as nameFrom, type Name } from '../model/ids.ts';
import { inside, report, type Place } from './place.ts';
import { suggestion } from './suggestion.ts';

export interface EngineConfig {
  readonly name: Name;
  /** Null: the engine of this machine, wherever Docker's own command would look. */
  readonly host: string | null;
  readonly tls: TlsConfig | null;
  readonly ssh: SshConfig;
}

/** PEM texts. */
export interface TlsConfig {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the system's ssh is told beyond its own configuration. */
export interface SshConfig {
  readonly keyFile: string | null;
  readonly knownHostsFile: string | null;
  readonly hostKeys: 'strict' | 'acceptNew' | 'off';
}

export interface EnginesConfig {
  readonly engines: readonly EngineConfig[];
  readonly defaultEngine: Name | null;
}

type Said = Pick<OperatorConfig, 'engine' | 'engines' | 'default_engine'>;

/** One engine called `default`, or the list. */
export function readEngines(file: Said, place: Place): EnginesConfig {
  const { engine, engines = [] } = file;
  if (engines.length === 0) {
    const only = readEngine({ name: defaultEngine, ...engine }, inside(place, 'engine'));
    return { engines: [only], defaultEngine: readDefault(file, [defaultEngine], place) };
  }
  if (engine !== undefined) {
    const message = 'cannot stand beside `engines`. Make it an entry of that list, with a name.';
    report(inside(place, 'engine'), 'ConflictingKeys', message);
  }
  const at = inside(place, 'engines');
  checkTwice(engines, at);
  const all = engines.map((one, index) => readEngine(one, inside(at, index)));
  return {
    engines: all,
    defaultEngine: readDefault(
      file,
      all.map(({ name }) => name),
      place,
    ),
  };
}

function checkTwice(engines: readonly ConfigNamedEngine[], place: Place): void {
  for (const [index, { name, host }] of engines.entries()) {
    const sameName = engines.findIndex((engine) => engine.name === name);
    if (sameName !== index) {
      const message = `is the name of engines[${sameName}] too. Rename one of them.`;
      report(inside(place, index, 'name'), 'DuplicateEngine', message);
    }
    const sameHost = engines.findIndex((engine) => engine.host === host);
    if (sameHost !== index && sameName === index) {
      const what =
        host === undefined ? "is this machine's own engine, as" : 'has the address of another entry,';
      const message = `${what} engines[${sameHost}]. One engine takes one name: remove one of them.`;
      report(inside(place, index, 'host'), 'DuplicateEngine', message);
    }
  }
}

function readEngine({ name, host, tls, ssh }: ConfigNamedEngine, place: Place): EngineConfig {
  if (ssh !== undefined && host?.startsWith('ssh://') !== true)
    report(inside(place, 'ssh'), 'ConflictingKeys', 'needs a `host` that begins with ssh:// beside it.');
  return {
    name: nameFrom(name),
    host: host ?? null,
    tls: tls === undefined ? null : readTls(tls, { host, place: inside(place, 'tls') }),
    ssh: readSsh(ssh),
  };
}

interface Beside {
  readonly host: string | undefined;
  readonly place: Place;
}

function readTls({ ca, cert, key }: ConfigTls, { host, place }: Beside): TlsConfig | null {
  if (host?.startsWith('tcp://') !== true)
    report(place, 'ConflictingKeys', 'needs a `host` that begins with tcp:// beside it.');
  if (ca !== undefined && cert !== undefined && key !== undefined) return { ca, cert, key };
  const message = 'needs all of "ca", "cert" and "key", such as ca: { file: "/etc/plimsoll/ca.pem" }.';
  report(place, 'MissingKey', message);
  return null;
}

const hostKeys = { strict: 'strict', accept_new: 'acceptNew', off: 'off' } as const;

function readSsh(said: ConfigSsh = {}): SshConfig {
  return {
    keyFile: said.key_path ?? null,
    knownHostsFile: said.known_hosts_path ?? null,
    hostKeys: hostKeys[said.host_keys ?? 'strict'],
  };
}

/** The one that is said, else the one that is called `default`, else the only one. */
function readDefault({ default_engine: said }: Said, names: readonly Name[], place: Place): Name | null {
  if (said !== undefined) return readName(said, names, inside(place, 'default_engine'));
  const [first = null, ...others] = names;
  return names.find((name) => name === defaultEngine) ?? (others.length === 0 ? first : null);
}

function readName(said: string, names: readonly Name[], place: Place): Name | null {
  const known = names.find((name) => name === said) ?? null;
  if (known !== null) return known;
  const meant = suggestion(said, names);
  const otherwise = `. There is ${names.join(' or ')}.`;
  const message = `should be the name of an engine in \`engines\`${meant === '' ? otherwise : meant}`;
  report(place, 'UnknownEngine', message);
  return null;
}

/** The engines that a source may use, as names that there are; null for all. */
export function readAllowed(
  said: readonly string[] | undefined,
  { engines }: EnginesConfig,
  place: Place,
): readonly Name[] | null {
  if (said === undefined || said.length === 0) return null;
  const names = engines.map(({ name }) => name);
  return said.flatMap((text, index) => readName(text, names, inside(place, index)) ?? []);
}
