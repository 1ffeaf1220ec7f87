import { rmSync } from 'node:fs';
import { afterAll } from 'vitest';
import { makeTestDirectory } from './leftovers.js';

const made: string[] = [];

/** A new, empty directory that is removed when the test file is done. */
export function temporaryDirectory(): string {
  const path = makeTestDirectory();
  made.push(path);
  return path;
}

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});
