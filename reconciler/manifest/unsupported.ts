import type { Json } from '../model/json.ts';
import type { Path } from './place.ts';
import type { Kind } from './schema.ts';

/**
 * Why a key that Compose knows is not honoured and what to use instead, or null. Such a key is refused: leaving it
 * out in silence would run something else than what the manifest says.
 */
export function whyUnsupported(kind: Kind, path: Path): string | null {
  return sentences.find(([pattern]) => matches(pattern, generalize(kind, path)))?.[1] ?? null;
}

/** The same for a value of a key that is otherwise honoured. */
export function whyValueUnsupported(
  kind: Kind,
  at: { readonly path: Path; readonly value: Json },
): string | null {
  const path = generalize(kind, at.path);
  return values.find(([pattern, wrong]) => wrong === at.value && matches(pattern, path))?.[2] ?? null;
}

const terminal = 'concerns only the terminal of `docker compose up`. Remove it.';
const windows = 'exists only on Windows. Remove it.';
const hooks = 'is not available. Use a service with `lifecycle: job` that this one depends on.';
const realTime = 'is not available. Use `cpus` or `cpu_shares`.';
const byName =
  'is not available. Services of a stack reach each other by name over `networks`; further names are `aliases` there.';

/** `service` stands for the keys of one service, `*` for any key, `[]` for any place in a list. */
const sentences: readonly (readonly [pattern: string, sentence: string])[] = [
  ['service.attach', terminal],
  ['service.blkio_config', 'is not available. Limit I/O on the host, or use `cpus` and `mem_limit`.'],
  [
    'service.build',
    'is not available: what runs here was built before. Build the image in CI, push it and name it in `image`.',
  ],
  [
    'service.container_name',
    'is not available: containers are called <stack>-<service>-<number>, so that replicas and newcomers have names. Others reach this one as its service name; further names are `aliases` under `networks`.',
  ],
  ['service.cpu_count', windows],
  ['service.cpu_percent', windows],
  ['service.cpu_rt_period', realTime],
  ['service.cpu_rt_runtime', realTime],
  ['service.credential_spec', windows],
  ['service.develop', 'is for development only. Remove it.'],
  ['service.dockerfile', 'is not available. Build the image in CI, push it and name it in `image`.'],
  [
    'service.extends',
    'is not available. Write the keys out, or share them in one file with a YAML anchor and `<<`.',
  ],
  ['service.external_links', byName],
  ['service.gpus', 'is not available. Use `runtime` and `devices`, as far as the operator allows them.'],
  ['service.isolation', windows],
  ['service.label_file', 'is not available. Write the labels under `labels`.'],
  ['service.links', byName],
  ['service.log_driver', 'is obsolete. Use `logging`.'],
  ['service.log_opt', 'is obsolete. Use `logging`.'],
  ['service.models', 'is not available. Run the model as a service and name its address in `environment`.'],
  ['service.net', 'is obsolete. Use `network_mode`.'],
  ['service.post_start', hooks],
  ['service.pre_start', hooks],
  ['service.pre_stop', 'is not available. Let the process handle `stop_signal` within `stop_grace_period`.'],
  [
    'service.profiles',
    'is not available: what stands in the manifests runs. Use `replicas: 0`, or another stack.',
  ],
  ['service.provider', 'is not available. Name the address of the outside service in `environment`.'],
  ['service.pull_refresh_after', 'is not available. Use `pull_policy: every_12h`.'],
  [
    'service.secrets',
    'is not available. Keep the file on the host, let the operator allow its path, and mount it under `volumes`.',
  ],
  [
    'service.use_api_socket',
    'is not available. Mount the socket under `volumes`, as far as the operator allows it.',
  ],
  ['service.volumes_from', 'is not available. Declare a volume and mount it in both services.'],
  ['service.configs.[].source', 'belongs to Compose files. Give the `file` or the `content` here.'],
  ['service.configs.[].content', 'belongs to the top-level `configs` of a Compose file.'],
  ['service.configs.[].file', 'belongs to the top-level `configs` of a Compose file.'],
  ['service.deploy.endpoint_mode', 'exists only in a swarm. Remove it.'],
  ['service.deploy.labels', 'exists only in a swarm. Use `labels` of the service.'],
  ['service.deploy.placement', 'exists only in a swarm: there is one engine here. Remove it.'],
  ['service.deploy.rollback_config', 'exists only in a swarm. Use `rollout.auto_revert`.'],
  ['service.deploy.update_config', 'exists only in a swarm. Use `rollout`.'],
  [
    'service.deploy.resources.*.devices',
    'is not available. Use `runtime` and `devices`, as far as the operator allows them.',
  ],
  ['service.deploy.resources.*.generic_resources', 'exists only in a swarm. Remove it.'],
  [
    'service.deploy.resources.reservations.cpus',
    'has no counterpart in the engine. Use `cpu_shares` for a weight.',
  ],
  [
    'service.deploy.restart_policy.delay',
    'exists only in a swarm: the engine waits longer each time. Remove it.',
  ],
  ['service.deploy.restart_policy.window', 'exists only in a swarm. Remove it.'],
  ['service.networks.*.driver_opts', 'is not available. Set options on the network itself.'],
  ['service.networks.*.gw_priority', 'is not available. Keep the service in one network that leads outside.'],
  ['service.networks.*.interface_name', 'is not available. Let the engine name the interface.'],
  ['service.networks.*.mac_address', 'is not available here. Use `mac_address` of the service.'],
  ['service.networks.*.priority', 'is not available: the engine is told of all networks at once. Remove it.'],
  ['service.volumes.[].bind.recursive', 'is not available. Mount the directories that are meant.'],
  ['service.volumes.[].bind.selinux', 'is not available. Label the directory on the host, with chcon.'],
  ['service.volumes.[].image', 'is not available. Copy what is needed into a volume.'],
  ['service.volumes.[].volume.labels', 'is not available here. Put `labels` on the volume itself.'],
  [
    'include',
    'is not available. Make the other project a stack of its own and name it under `x-plimsoll.depends_on`.',
  ],
  ['models', 'is not available. Run the model as a service and name its address in `environment`.'],
  [
    'secrets',
    'is not available. Keep the file on the host, let the operator allow its path, and mount it under `volumes`.',
  ],
  ['configs.*.external', 'exists only in a swarm. Use `file` or `content`.'],
  ['configs.*.template_driver', 'exists only in a swarm. Remove it.'],
  ['networks.*.enable_ipv4', 'is not available. Use `enable_ipv6` for IPv6 beside IPv4.'],
  ['networks.*.ipam.options', 'is not available. Use `driver_opts` of the network.'],
  ['stack.configs', 'belongs to a service. Move it into the `spec` of the service that needs the file.'],
  ['stack.services', 'stands in files of its own: one `kind: Service` for each, in the same directory.'],
];

const values: readonly (readonly [pattern: string, value: Json, sentence: string])[] = [
  [
    'service.pull_policy',
    'build',
    'cannot be build: what runs here was built before. Build the image in CI, push it and name it in `image`.',
  ],
  [
    'service.deploy.mode',
    'global',
    'cannot be global: there is one engine here. Remove it, and set `replicas`.',
  ],
  ['service.volumes.[].type', 'image', 'cannot be image. Copy what is needed into a volume.'],
  ['service.volumes.[].type', 'cluster', 'cannot be cluster: that exists only in a swarm. Use volume.'],
  ['service.volumes.[].type', 'npipe', 'cannot be npipe: that exists only on Windows. Use bind.'],
];

function generalize(kind: Kind, path: Path): Path {
  const steps = path.map((step) => (typeof step === 'number' ? '[]' : step));
  if (kind === 'service' && steps[0] === 'spec') return ['service', ...steps.slice(1)];
  if (kind === 'compose' && steps[0] === 'services') return ['service', ...steps.slice(2)];
  if (kind === 'stack' && steps[0] === 'spec')
    return steps.length === 2 ? ['stack', ...steps.slice(1)] : steps.slice(1);
  return steps;
}

function matches(pattern: string, path: Path): boolean {
  const parts = pattern.split('.');
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
}
