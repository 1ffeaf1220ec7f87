/** One thing that was looked at. `remedy` says what to do; empty where nothing is. */
export interface Checkup {
  readonly part: 'config' | 'engine' | 'source' | 'store' | 'queue' | 'disk' | 'clock';
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly remedy: string;
}

export function ok(part: Checkup['part'], message: string): Checkup {
  return { part, level: 'ok', message, remedy: '' };
}
