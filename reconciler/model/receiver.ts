import type { Name } from './ids.ts';
import type { Secret } from './secret.ts';

/** Who sends the deliveries, which decides how they prove themselves and how they are read. */
export type Provider =
  | 'github'
  | 'gitlab'
  | 'gitea'
  | 'forgejo'
  | 'bitbucket'
  | 'generic'
  | 'registry'
  | 'dockerhub'
  | 'ghcr'
  | 'harbor';

/** One door for deliveries, `/hooks/<name>`, as the operator configured it. */
export interface Receiver {
  readonly name: Name;
  readonly provider: Provider;
  /** One, or two while one replaces the other: either is valid. */
  readonly secrets: readonly Secret[];
  /** Sources that its deliveries may wake, and whose stacks they may sync; null for all. */
  readonly sources: readonly Name[] | null;
  /** How images name the registry, where that is not what the registry calls itself. */
  readonly registry: string | null;
}

/** Where the daemon is reached over HTTP. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}
