import type { DesiredNetwork, DesiredVolume, DriftPolicy, Rollout } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { RepositoryFiles } from './repository.ts';

/** What the services of a stack share while they are resolved. */
export interface StackContext {
  readonly stack: Name;
  /** By the name that manifests use. */
  readonly networks: ReadonlyMap<string, DesiredNetwork>;
  readonly volumes: ReadonlyMap<string, DesiredVolume>;
  readonly repository: RepositoryFiles;
  /** Of the stack's .env file; only a Compose project has them. */
  readonly variables: ReadonlyMap<string, string>;
  /** Whether a variable without a value takes that of `variables`, as in a Compose project. */
  readonly inheritsVariables: boolean;
  readonly rollout: Rollout;
  readonly drift: DriftPolicy;
}
