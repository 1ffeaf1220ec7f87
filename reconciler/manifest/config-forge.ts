import type { ForgeProvider } from '../model/forge.ts';
import type { ConfigForge } from '../model/generated/config.ts';
import { isName, type Name } from '../model/ids.ts';
import { pathAtServer } from '../model/repository.ts';
import { Secret } from '../model/secret.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';

/** A server that hosts repositories, and what is to be said there. */
export interface ForgeConfig {
  readonly provider: ForgeProvider;
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiUrl: string;
  readonly credentials: ForgeCredentials;
  /** Null: every source whose repository is there. */
  readonly sources: readonly Name[] | null;
  readonly reviews: boolean;
  readonly statuses: boolean;
  readonly labels: boolean;
  readonly deployments: boolean;
  readonly intervalMs: number;
}

export type ForgeCredentials =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'app'; readonly id: string; readonly privateKey: Secret };

interface Around {
  readonly sources: readonly { readonly name: string; readonly repository: string }[];
  readonly place: Place;
}

/** What only shows between keys is reported; a forge that cannot be used is left out. */
export function readForges(
  forges: readonly ConfigForge[],
  { sources, place }: Around,
): readonly ForgeConfig[] {
  return forges.flatMap((forge, index) => readForge(forge, { sources, place: inside(place, index) }) ?? []);
}

function readForge(said: ConfigForge, { sources, place }: Around): ForgeConfig | null {
  const provider = said.provider === 'forgejo' ? 'gitea' : said.provider;
  const url = bare(said.url ?? defaultUrls[provider]);
  const credentials = readCredentials(said, place);
  if (url === '') report(place, 'MissingKey', 'needs "url", the address of the server.');
  if (said.deployments === true && provider !== 'github') {
    report(inside(place, 'deployments'), 'WrongValue', 'is offered by GitHub only. Leave it out.');
  }
  checkSources(said.sources ?? null, url, { sources, place });
  const intervalMs = readDuration(said.interval ?? '2m', inside(place, 'interval'));
  if (intervalMs < 10_000) report(inside(place, 'interval'), 'WrongValue', 'should be at least 10s.');
  if (url === '' || credentials === null) return null;
  return {
    provider,
    url,
    apiUrl: said.api_url === undefined ? apiUrlOf(provider, url) : bare(said.api_url),
    credentials,
    sources: said.sources?.filter(isName) ?? null,
    reviews: said.reviews ?? true,
    statuses: said.statuses ?? true,
    labels: said.labels ?? false,
    deployments: said.deployments ?? false,
    intervalMs,
  };
}

/** A forge that no source belongs to would say nothing, and nobody would know why. */
function checkSources(chosen: readonly string[] | null, url: string, { sources, place }: Around): void {
  const isHere = (repository: string): boolean => pathAtServer(url, repository) !== null;
  for (const [index, name] of (chosen ?? []).entries()) {
    const source = sources.find((one) => one.name === name);
    const at = inside(place, 'sources', index);
    if (source === undefined) {
      const names = sources.map((one) => one.name).join(', ') || 'none';
      report(at, 'UnknownSource', `names no source. There are: ${names}.`);
    } else if (!isHere(source.repository)) {
      report(at, 'WrongValue', `names a source whose repository ${source.repository} is not at ${url}.`);
    }
  }
  if (chosen !== null || url === '' || sources.some(({ repository }) => isHere(repository))) return;
  report(
    place,
    'NoSource',
    `is the forge of no source: no repository of theirs is at ${url}. Correct "url", or remove it.`,
  );
}

const defaultUrls: Readonly<Record<ForgeProvider, string>> = {
  github: 'https://github.com',
  gitlab: 'https://gitlab.com',
  gitea: '',
};

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}

function apiUrlOf(provider: ForgeProvider, url: string): string {
  switch (provider) {
    case 'github':
      return url === defaultUrls.github ? 'https://api.github.com' : `${url}/api/v3`;
    case 'gitlab':
      return `${url}/api/v4`;
    case 'gitea':
      return `${url}/api/v1`;
    default:
      return provider satisfies never;
  }
}

function readCredentials({ provider, token, app }: ConfigForge, place: Place): ForgeCredentials | null {
  if (token !== undefined && app !== undefined) {
    report(inside(place, 'app'), 'ConflictingKeys', 'cannot stand beside `token`. Keep one of them.');
    return null;
  }
  if (app !== undefined && provider !== 'github') {
    report(inside(place, 'app'), 'WrongValue', 'is for GitHub only. Use `token`.');
    return null;
  }
  if (app !== undefined) return { kind: 'app', id: app.id, privateKey: new Secret(app.private_key) };
  if (token !== undefined) return { kind: 'token', token: new Secret(token) };
  report(place, 'MissingKey', 'needs "token", or for GitHub "app".');
  return null;
}
