import { createGiteaForge } from './forge/gitea.ts';
import { createGithubForge } from './forge/github.ts';
import { GithubConnection } from './forge/github-connection.ts';
import { createGitlabForge } from './forge/gitlab.ts';
import { createGithubRedelivery } from './forge/redeliver.ts';
import type { ForgeConfig } from './manifest/config-forge.ts';
import { SyncError } from './model/error.ts';
import type { Forge } from './model/forge.ts';
import type { Name } from './model/ids.ts';
import type { MissedDeliveries } from './model/missed.ts';
import { pathAtServer } from './model/repository.ts';
import type { Settings } from './settings.ts';
import type { ConnectedForge } from './sync/world.ts';

/** By source, the forge where its repository is. Nothing is asked of it yet. The first that fits a source has it. */
export function accessForges({ forges, sources }: Settings): ReadonlyMap<Name, ConnectedForge> {
  const connected = new Map<Name, ConnectedForge>();
  for (const { name, repository, path } of sources) {
    for (const config of forges) {
      const place = pathAtServer(config.url, repository);
      if (place === null || connected.has(name) || config.sources?.includes(name) === false) continue;
      const { reviews, statuses, labels, deployments, intervalMs } = config;
      const forge = connectForge(config, place);
      connected.set(name, { forge, path, reviews, statuses, labels, deployments, intervalMs });
    }
  }
  return connected;
}

/** By repository, what a forge remembers of deliveries to the receivers here; only GitHub says. */
export function accessMissed({ forges, sources, receivers }: Settings): readonly MissedDeliveries[] {
  const names = receivers.filter(({ provider }) => /^(github|ghcr)$/.test(provider)).map(({ name }) => name);
  const missed = new Map<string, MissedDeliveries>();
  if (names.length === 0) return [];
  for (const { name, repository } of sources) {
    for (const { provider, url, apiUrl, credentials, sources: chosen } of forges) {
      const place = pathAtServer(url, repository);
      if (provider !== 'github' || place === null || chosen?.includes(name) === false) continue;
      const connection = new GithubConnection({ apiUrl, credentials, ...ownerOf(place) });
      missed.set(`${url}/${place}`, createGithubRedelivery(connection, names));
    }
  }
  return [...missed.values()];
}

function connectForge({ provider, apiUrl, credentials }: ForgeConfig, path: string): Forge {
  if (provider === 'github') return createGithubForge({ apiUrl, credentials, ...ownerOf(path) });
  if (credentials.kind !== 'token') throw new TypeError('only GitHub has Apps');
  const { token } = credentials;
  switch (provider) {
    case 'gitlab':
      return createGitlabForge({ apiUrl, token, project: path });
    case 'gitea':
      return createGiteaForge({ apiUrl, token, ...ownerOf(path) });
    default:
      return provider satisfies never;
  }
}

function ownerOf(path: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = '', ...rest] = path.split('/');
  if (owner !== '' && repo !== '' && rest.length === 0) return { owner, repo };
  throw new SyncError(
    'ConfigInvalid',
    `The repository ${path} is not OWNER/NAME, as its forge would have it.`,
  );
}
