import { cpSync } from 'node:fs';
import { inject } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';

/** A state directory of its own with a store in it, made in a fraction of the time that a first start takes. */
export function madeStateDirectory(): string {
  const path = temporaryDirectory();
  cpSync(inject('madeStateDirectory'), path, { recursive: true });
  return path;
}
