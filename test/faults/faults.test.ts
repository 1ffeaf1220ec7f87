import { randomBytes } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { connect, type Sql } from '../../reconciler/store/connection.ts';
import { createStore } from '../../reconciler/store/database.ts';
import { asAdministrator } from '../store/open.ts';
import { addressOf, templateDatabase } from '../store/server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { runTrial } from './trial.ts';

const runs = Number(process.env['PLIMSOLL_FAULT_RUNS'] ?? 500);
const firstSeed = Number(process.env['PLIMSOLL_FAULT_SEED'] ?? 1);
/** Each waits for timers most of its time. */
const lanes = Math.min(12, runs);

const [server] = inject('storeServers');
const databases: { readonly name: string; readonly sql: Sql }[] = [];

afterAll(async () => {
  for (const { name, sql } of databases) {
    await sql.end();
    if (server !== undefined) await asAdministrator(server, `drop database ${name} with (force)`);
  }
});

test(`${runs} short lives in a bad world, from seed ${firstSeed}, all end well without a hand`, async () => {
  const directory = temporaryDirectory();
  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
  const failures: string[] = [];
  const lane = async (): Promise<void> => {
    const sql = await openDatabase();
    const store = createStore(sql);
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await emptyDatabase(sql);
      const { complaints, story } = await runTrial({ seed, store, directory });
      if (complaints.length > 0) failures.push(describe(seed, complaints, story));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect(failures.join('\n\n')).toBe('');
}, 36_000_000);

async function openDatabase(): Promise<Sql> {
  if (server === undefined) throw new Error('there is no database server to run on');
  const name = `faults_${randomBytes(6).toString('hex')}`;
  await asAdministrator(server, `create database ${name} template ${templateDatabase}`);
  const sql = connect(addressOf(server, name));
  databases.push({ name, sql });
  return sql;
}

/** Everything but what the migrations wrote. */
async function emptyDatabase(sql: Sql): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'plimsoll' and tablename not like '%migration%'`;
  await sql.unsafe(`truncate ${tables.map(({ name }) => `plimsoll.${name}`).join(', ')} cascade`);
}

function describe(seed: number, complaints: readonly string[], story: readonly string[]): string {
  return [
    `seed ${seed}: ${complaints.join('; ')}`,
    `  what happened: ${story.join(', ')}`,
    `  alone: npm run test:faults -- --runs 1 --seed ${seed}`,
  ].join('\n');
}
