// Generated from schemas/config.schema.json by `npm run generate`. Change the schema instead.

/**
 * Default for every service.
 */
export type Drift = DriftModeName | DriftBlock;
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName = 'heal' | 'warn' | 'off';
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName1 = 'heal' | 'warn' | 'off';

/**
 * The operator's file, plimsoll.yaml, on the host. Instead of any text, number or boolean it may say `{ env: NAME }` or `{ file: PATH }`; a variable PLIMSOLL_<PATH>, such as PLIMSOLL_DATABASE_URL, overrides the file, and PLIMSOLL_<PATH>_FILE names a file that holds the value.
 */
export interface OperatorConfig {
  /**
   * Name of this installation. Only containers that carry it are ours; two daemons on one engine need two names.
   */
  installation?: string;
  /**
   * The repositories that are followed.
   */
  sources?: ConfigSource[];
  /**
   * Servers whose pull requests are reviewed and whose commits get a status. A source belongs to the forge whose address its repository has.
   */
  forges?: ConfigForge[];
  engine?: ConfigEngine;
  /**
   * The Docker engines, where there are several. A stack names the one that it runs on.
   */
  engines?: ConfigNamedEngine[];
  /**
   * Engine for stacks that name none. Default: the one that is called `default`, else the only one; otherwise every stack names its own.
   */
  default_engine?: string;
  registries?: ConfigRegistries;
  /**
   * Directory for the private database, fetched objects and the control socket.
   */
  state_directory?: string;
  database?: ConfigDatabase;
  queue?: ConfigQueue;
  defaults?: ConfigDefaults;
  policy?: ConfigPolicy;
  /**
   * Address that the daemon serves HTTP on: HOST:PORT, a port for every address of the host, or `off`. Default: 127.0.0.1:8484. TLS is a proxy's work.
   */
  listen?: string;
  /**
   * Proxies before the daemon whose X-Forwarded-For is believed, so that senders are told apart: addresses, networks, or `loopback`, `linklocal`, `uniquelocal`.
   */
  trusted_proxies?: string[];
  /**
   * Webhooks that may make the daemon look, each at `POST /hooks/<name>`. Only what stands here exists.
   */
  receivers?: ConfigReceiver[];
  dashboard?: ConfigDashboard;
  history?: ConfigHistory;
  /**
   * How much the log says.
   */
  log_level?: 'error' | 'warn' | 'info' | 'debug';
}
export interface ConfigSource {
  /**
   * Name of the source.
   */
  name: string;
  /**
   * Where the repository is: an https, http, ssh or `git@host:path` address, or a path on this host.
   */
  repository: string;
  /**
   * What to follow: the name of a branch or tag, a full commit id, or a map with one of branch, tag and commit. Default: the repository's own default branch.
   */
  ref?: string | ConfigRef;
  /**
   * Directory of the repository to read. Default: its root.
   */
  path?: string;
  /**
   * Time between two looks at the ref.
   */
  interval?: string;
  /**
   * Engines that the stacks of this source may run on. Default: all. Where it is a single one, they run there without naming it.
   */
  engines?: string[];
  credentials?: ConfigCredentials;
}
export interface ConfigRef {
  /**
   * Name of a branch.
   */
  branch?: string;
  /**
   * Name of a tag.
   */
  tag?: string;
  /**
   * A full commit id, 40 hexadecimal digits.
   */
  commit?: string;
}
/**
 * How to sign in: a token, or a user name and a password, or the path of an SSH key.
 */
export interface ConfigCredentials {
  /**
   * Access token, for https.
   */
  token?: string;
  /**
   * User name, for https; needed beside a password, and beside a token where the forge wants one.
   */
  username?: string;
  /**
   * Password, for https.
   */
  password?: string;
  /**
   * Path of a private key on this host, for ssh. Default: what the system's ssh uses.
   */
  ssh_key_path?: string;
  /**
   * Path of a known_hosts file, for ssh. Default: what the system's ssh uses.
   */
  ssh_known_hosts_path?: string;
  /**
   * How much a server's key must be known, for ssh: `strict` wants it in known_hosts, `accept_new` records one that is seen for the first time, `off` asks nothing.
   */
  ssh_host_keys?: 'strict' | 'accept_new' | 'off';
}
export interface ConfigForge {
  /**
   * What it is.
   */
  provider: 'github' | 'gitlab' | 'gitea' | 'forgejo';
  /**
   * Address of the server, as its repositories begin. Default: https://github.com or https://gitlab.com; Gitea and Forgejo need one.
   */
  url?: string;
  /**
   * Address of its API where that is not at its usual place below `url`.
   */
  api_url?: string;
  /**
   * Access token that may read pull requests and write comments, statuses and labels.
   */
  token?: string;
  app?: ConfigForgeApp;
  /**
   * Only these sources. Default: all whose repository is at this server.
   */
  sources?: string[];
  /**
   * Publish the plan on every pull request.
   */
  reviews?: boolean;
  /**
   * Say on a commit how the syncs of its stacks went.
   */
  statuses?: boolean;
  /**
   * Set `plimsoll/no-change`, `plimsoll/downtime` and `plimsoll/data-loss` on pull requests.
   */
  labels?: boolean;
  /**
   * Make a deployment record for each sync of a stack. GitHub only.
   */
  deployments?: boolean;
  /**
   * Time between two looks at the list of open pull requests, for what no webhook told.
   */
  interval?: string;
}
/**
 * GitHub App to sign in as, instead of a token; it can make check runs, which a token cannot.
 */
export interface ConfigForgeApp {
  /**
   * Number or client id of the App.
   */
  id: string;
  /**
   * Private key of the App, in PEM form; `{ file: PATH }` reads it from a file.
   */
  private_key: string;
}
/**
 * The Docker engine, where there is only one; it is called `default`.
 */
export interface ConfigEngine {
  /**
   * Its socket or address: `unix:///path`, `tcp://host:port` or `ssh://user@host[:port][/path/of/the.sock]`. Default: the engine of this machine, which is what DOCKER_HOST says, else the current Docker context, else unix:///var/run/docker.sock.
   */
  host?: string;
  tls?: ConfigTls;
  ssh?: ConfigSsh;
}
/**
 * Certificates for a tcp address, in PEM form; `{ file: PATH }` reads them from files.
 */
export interface ConfigTls {
  /**
   * Certificate of the authority that signed the engine's.
   */
  ca?: string;
  /**
   * Our certificate.
   */
  cert?: string;
  /**
   * Our private key.
   */
  key?: string;
}
/**
 * How to sign in at an ssh address, beyond what the system's ssh is configured to do.
 */
export interface ConfigSsh {
  /**
   * Path of a private key on this host, without a passphrase. Default: what the system's ssh uses, its agent included.
   */
  key_path?: string;
  /**
   * Path of a known_hosts file. Default: what the system's ssh uses.
   */
  known_hosts_path?: string;
  /**
   * How much the server's key must be known: `strict` wants it in known_hosts, `accept_new` records one that is seen for the first time, `off` asks nothing.
   */
  host_keys?: 'strict' | 'accept_new' | 'off';
}
export interface ConfigNamedEngine {
  /**
   * Name of the engine, for manifests and status.
   */
  name: string;
  /**
   * Its socket or address: `unix:///path`, `tcp://host:port` or `ssh://user@host[:port][/path/of/the.sock]`. Default: the engine of this machine, which is what DOCKER_HOST says, else the current Docker context, else unix:///var/run/docker.sock.
   */
  host?: string;
  tls?: ConfigTls1;
  ssh?: ConfigSsh1;
}
/**
 * Certificates for a tcp address, in PEM form; `{ file: PATH }` reads them from files.
 */
export interface ConfigTls1 {
  /**
   * Certificate of the authority that signed the engine's.
   */
  ca?: string;
  /**
   * Our certificate.
   */
  cert?: string;
  /**
   * Our private key.
   */
  key?: string;
}
/**
 * How to sign in at an ssh address, beyond what the system's ssh is configured to do.
 */
export interface ConfigSsh1 {
  /**
   * Path of a private key on this host, without a passphrase. Default: what the system's ssh uses, its agent included.
   */
  key_path?: string;
  /**
   * Path of a known_hosts file. Default: what the system's ssh uses.
   */
  known_hosts_path?: string;
  /**
   * How much the server's key must be known: `strict` wants it in known_hosts, `accept_new` records one that is seen for the first time, `off` asks nothing.
   */
  host_keys?: 'strict' | 'accept_new' | 'off';
}
/**
 * How to sign in at image registries.
 */
export interface ConfigRegistries {
  /**
   * User names and passwords. They come before Docker's own file.
   */
  credentials?: ConfigRegistryCredentials[];
  /**
   * Path of Docker's config.json, with its credential helpers. Default: where Docker's own commands look for it.
   */
  docker_config?: string;
}
export interface ConfigRegistryCredentials {
  /**
   * Host name of the registry, with its port where it has one. `docker.io` is Docker Hub.
   */
  registry: string;
  /**
   * User name.
   */
  username: string;
  /**
   * Password or access token.
   */
  password: string;
}
/**
 * Where history and state are kept.
 */
export interface ConfigDatabase {
  /**
   * Address of a Postgres server, version 14 or later. Default: a private server in the state directory.
   */
  url?: string;
}
/**
 * What carries hints between several daemons of one installation. One daemon needs none.
 */
export interface ConfigQueue {
  /**
   * Address of a Redis or Valkey server (`redis://`, `rediss://`, `valkey://`, `valkeys://`, or `unix:///path` for a socket), or of a Postgres server (`postgres://`). PLIMSOLL_REDIS_URL says the same. Default: inside the process.
   */
  url?: string;
}
/**
 * What holds where a manifest says nothing.
 */
export interface ConfigDefaults {
  sync?: Sync;
  drift?: Drift;
  rollout?: Rollout;
}
/**
 * Default for every stack.
 */
export interface Sync {
  /**
   * With false, plans are shown and applied only when somebody asks for it.
   */
  automatic?: boolean;
  /**
   * Whether services and networks that left the manifests are removed.
   */
  prune?: boolean;
  /**
   * Whether volumes that left the manifests are removed too, each after its finding was accepted.
   */
  prune_volumes?: boolean;
  max_prune?: MaxPrune;
}
/**
 * A sync that removes more than both of these stops for approval.
 */
export interface MaxPrune {
  /**
   * Number of services.
   */
  services?: number;
  /**
   * Share of the stack's services, in per cent.
   */
  percent?: number;
}
export interface DriftBlock {
  mode?: DriftModeName1;
  /**
   * Fields with a mode of their own, such as `mem_limit: warn`; the longest path that covers a field counts.
   */
  fields?: {
    [k: string]: DriftModeName | undefined;
  };
  /**
   * A container that somebody stopped on purpose (`docker stop`) is started again with `heal`, and stays stopped, shown as such, with `respect`.
   */
  on_stop?: 'heal' | 'respect';
  /**
   * Fields that are neither compared nor applied to a running container, such as `labels.foo`.
   */
  ignore?: string[];
}
/**
 * Default for every service.
 */
export interface Rollout {
  /**
   * `rolling` starts the newcomer before the old container stops; `recreate` stops first; `auto` is rolling unless two generations side by side would do harm, such as a fixed host port.
   */
  strategy?: 'auto' | 'rolling' | 'recreate';
  /**
   * How long a container must be healthy (without a healthcheck: running without a restart) before it counts.
   */
  min_healthy_time?: string;
  /**
   * How long a container may take to become healthy before the rollout fails.
   */
  healthy_deadline?: string;
  /**
   * How long the rollout may go without any container becoming healthy before it fails.
   */
  progress_deadline?: string;
  /**
   * Whether a failed rollout returns to the last version that was healthy.
   */
  auto_revert?: boolean;
}
/**
 * What manifests may ask for. Everything named here is forbidden until it is allowed.
 */
export interface ConfigPolicy {
  /**
   * Rights that a manifest may take.
   */
  allow?: (
    | 'privileged'
    | 'host_network'
    | 'host_pid'
    | 'host_ipc'
    | 'host_uts'
    | 'host_userns'
    | 'host_cgroup'
    | 'foreign_namespaces'
    | 'docker_socket'
    | 'cap_add'
    | 'devices'
    | 'security_opt'
    | 'sysctls'
  )[];
  /**
   * Paths of the host that may be mounted, with everything below them.
   */
  host_paths?: string[];
  /**
   * Capabilities that may be added, with or without `CAP_`.
   */
  capabilities?: string[];
  /**
   * Registries, or parts of them, that images may come from. Empty or absent allows all.
   */
  registries?: string[];
}
export interface ConfigReceiver {
  /**
   * Last part of its address.
   */
  name: string;
  /**
   * Who sends: a forge (`github`, `gitlab`, `gitea`, `forgejo`, `bitbucket`), a registry (`registry` is Docker's own, `dockerhub`, `ghcr`, `harbor`), or `generic` for anything that signs as `plimsoll sync --url` does.
   */
  provider:
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
  /**
   * What a sender proves itself with. A second one is valid beside the first while they are changed.
   *
   * @minItems 1
   * @maxItems 2
   */
  secrets: [string] | [string, string];
  /**
   * Names of the sources that it may wake. Default: all.
   *
   * @minItems 1
   */
  sources?: [string, ...string[]];
  /**
   * For `registry` and `harbor`: the registry as images name it. Default: what its notifications say.
   */
  registry?: string;
}
/**
 * Who may look at the dashboard, at the address of `listen`.
 */
export interface ConfigDashboard {
  /**
   * Tokens of those who may look from elsewhere than this host: `Authorization: Bearer …`. On this host nobody needs one.
   *
   * @maxItems 20
   */
  tokens?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string, string]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ];
}
/**
 * How long attempts are kept. A stack's last success and the attempt that runs are never removed.
 */
export interface ConfigHistory {
  /**
   * Attempts that ended longer ago than this are removed, from 1h to 366 days.
   */
  keep?: string;
  /**
   * So many of the newest attempts of each stack stay, however old they are.
   */
  keep_at_least?: number;
}
