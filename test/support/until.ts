/**
 * Waits until the condition gives something other than undefined or false, and resolves to that. For states of the
 * engine that send no event; the deadline is for a test that has gone wrong, and so it is long.
 */
export async function until<Result>(
  what: string,
  condition: () => Result | undefined | false | Promise<Result | undefined | false>,
  deadlineMs = 30_000,
): Promise<Result> {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > endsAt) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
