import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json: one folder up from the sources, two from the compiled program. */
export function readVersion(): string {
  const places = ['../package.json', '../../package.json'].map((place) => new URL(place, import.meta.url));
  const found = places.find(existsSync);
  if (found === undefined) return 'unknown';
  const { version } = JSON.parse(readFileSync(found, 'utf8')) as { readonly version: string };
  return version;
}
