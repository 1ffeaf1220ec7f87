/** What the work comes to; rejects when it takes longer, and then hears no more of it. */
export async function withinDeadline<Result>(work: Promise<Result>, deadlineMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it did not answer within ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether it came to its end in time; how it ended does not matter. */
export function endsWithin(work: Promise<unknown>, deadlineMs: number): Promise<boolean> {
  return withinDeadline(
    work.then(
      () => true,
      () => true,
    ),
    deadlineMs,
  ).catch(() => false);
}
