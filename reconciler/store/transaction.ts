import postgres from 'postgres';
import type { Sql, Statements } from './connection.ts';

/**
 * Runs the work in a transaction. The driver's own `begin` sends its rollback into a connection that was lost, too, and
 * that ends the process (porsager/postgres, `nextWrite` on a closed socket); there the server has rolled back by itself.
 */
export async function inTransaction<Result>(
  sql: Sql,
  work: (transaction: Statements) => Promise<Result>,
): Promise<Result> {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    const result = await work(connection);
    await connection`commit`;
    connection.release();
    return result;
  } catch (error) {
    if (!isLoss(error)) {
      await connection`rollback`;
      connection.release();
    }
    throw error;
  }
}

/** The driver has taken the connection back by itself, or is about to. */
function isLoss(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== 'ERROR';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('CONNECT') || (error instanceof Error && 'syscall' in error);
}
