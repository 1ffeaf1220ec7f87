import type { Secret } from '../model/secret.ts';

/** How a source proves who it is. `token` and `basic` are for HTTP, `ssh` for `ssh://` and `git@host:path`. */
export type Credentials =
  | {
      readonly kind: 'token';
      readonly token: Secret;
      /** What forges want beside a token; any name will do for most. Default: `x-access-token`. */
      readonly username?: string;
    }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | SshCredentials;

export interface SshCredentials {
  readonly kind: 'ssh';
  /** Private key without a passphrase. Without one, ssh asks its agent and its default keys. */
  readonly keyFile?: string;
  /** Default: the account's own `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: string;
  /** `strict` (default) wants the host in known_hosts, `acceptNew` records a host seen for the first time, `off` asks nothing. */
  readonly hostKeys?: 'strict' | 'acceptNew' | 'off';
}
