import { expect, test } from 'vitest';
import { inTransaction } from '../../reconciler/store/transaction.ts';
import { until } from '../support/until.ts';
import { asAdministrator, describeOnServers } from './open.ts';

describeOnServers(({ sql }, server) => {
  test('is written as a whole, or not at all', async () => {
    await sql`create table if not exists notes (note text)`;
    await inTransaction(sql, async (transaction) => {
      await transaction`insert into notes (note) values ('kept')`;
    });
    const refused = inTransaction(sql, async (transaction) => {
      await transaction`insert into notes (note) values ('lost')`;
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    const wrong = inTransaction(sql, async (transaction) => {
      await transaction`insert into notes (note) values ('lost')`;
      await transaction`select no_such_column from notes`;
    });
    await expect(wrong).rejects.toThrow('no_such_column');
    expect(await sql`select note from notes`).toEqual([{ note: 'kept' }]);
  });

  test('more of them at once than there are connections all come to their end', async () => {
    const ends = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        inTransaction(sql, async (transaction) => {
          await transaction`select pg_sleep(0.01)`;
          return index;
        }),
      ),
    );
    expect(ends).toHaveLength(30);
  });

  test('a connection that is lost in the middle fails it and nothing else, however often that happens', async () => {
    for (let round = 0; round < 20; round += 1) {
      const lost = inTransaction(sql, async (transaction) => {
        const [row] = await transaction<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await Promise.all([
          transaction`select pg_sleep(60)`,
          asAdministrator(server, `select pg_terminate_backend(${row?.pid})`),
        ]);
      });
      await expect(lost).rejects.toThrow(/CONNECTION_CLOSED|terminating connection/);
      await until('others are answered', () =>
        sql`select 1`.then(
          () => true,
          () => false,
        ),
      );
    }
  });
});
