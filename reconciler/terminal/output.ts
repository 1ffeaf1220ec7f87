import { singleLine } from './text.ts';

/** What a program wrote, line by line behind a bar, so that nobody takes it for words of ours. */
export function outputLines(output: string): readonly string[] {
  return output === '' ? [] : output.split('\n').map((line) => `| ${singleLine(line)}`);
}
