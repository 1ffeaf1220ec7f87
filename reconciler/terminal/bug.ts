/** What a person is told, and should pass on, when this program is at fault. */
export function describeBug(error: unknown, version: string): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    'Plimsoll met something that it did not foresee. That is a bug of Plimsoll, not of your files or your engine.',
    'Please report it to the project with these lines:',
    `  plimsoll ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
    ...stack.split('\n').map((line) => `  ${line}`),
  ];
}
