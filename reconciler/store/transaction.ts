import postgres from 'postgres';
import type { Sql, Statements } from './connection.ts';

/**
 * Runs the work in a transaction. The driver sends its rollback into a connection that was lost, too, and that ends the
 * process (a write to a socket that is gone, outside of any promise). So work that a loss has ended does not end for
 * the driver: it hears of the closed connection by itself, and the server rolls back by itself.
 */
export async function inTransaction<Result>(
  sql: Sql,
  work: (transaction: Statements) => Promise<Result>,
): Promise<Result> {
  const ended = await sql.begin(async (transaction) => {
    try {
      return { result: await work(transaction) };
    } catch (error) {
      if (isLoss(error)) return forEver;
      throw error;
    }
  });
  return ended.result;
}

const forEver = new Promise<never>(() => {});

function isLoss(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== 'ERROR';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('CONNECT') || (error instanceof Error && 'syscall' in error);
}
