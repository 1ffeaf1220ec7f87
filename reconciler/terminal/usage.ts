/** The command line itself is wrong. The message is a finished sentence without a remedy; the caller adds `--help`. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
