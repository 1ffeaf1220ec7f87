import { describe, expect, test } from 'vitest';
import { loadTree, problemsOf, serviceManifest, stackManifest } from './tree.ts';

const stack = {
  'stacks/shop/stack.yaml': stackManifest(
    'volumes: { data: }\nnetworks: { back: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }',
  ),
};

/** One mistake each, and the one sentence that a person gets. The spec begins in line 5, column 3. */
const mistakes: readonly (readonly [yaml: string, problem: string])[] = [
  ['imagee: x', '6:3 spec.imagee: is not a known key; did you mean "image"?'],
  ['enviroment: {}', '6:3 spec.enviroment: is not a known key; did you mean "environment"?'],
  ['zzzzzz: 1', '6:3 spec.zzzzzz: is not a known key. `plimsoll schema service` lists all of them.'],
  [
    'healthcheck: { zzzzzz: 1 }',
    '6:18 spec.healthcheck.zzzzzz: is not a known key. Known here: disable, interval, retries, start_interval, start_period, test, timeout.',
  ],

  ['platform: 5', '6:13 spec.platform: should be a platform, such as "linux/amd64".'],
  [
    'pull_policy: sometimes',
    '6:16 spec.pull_policy: should be missing, always, never, daily, weekly or every_<duration>, such as "always".',
  ],
  [
    'pull_policy: alway',
    '6:16 spec.pull_policy: should be missing, always, never, daily, weekly or every_<duration>, such as "always".',
  ],
  [
    'command: { a: b }',
    '6:12 spec.command: should be text, or a list of words, such as ["nginx", "-g", "daemon off;"].',
  ],
  [
    'command: echo a; echo b',
    '6:12 spec.command: has ; outside of quotes, which only a shell understands. Write ["sh", "-c", "…"], or put it into quotes.',
  ],
  [`command: echo "a`, '6:12 spec.command: has a " that is not closed.'],
  [
    'environment: 5',
    '6:16 spec.environment: should be a map, or a list of "NAME=value", such as { LOG_LEVEL: "info" }.',
  ],
  [
    'environment:',
    '6:15 spec.environment: is empty. Give it a map, or a list of "NAME=value", such as { LOG_LEVEL: "info" }, or remove the key.',
  ],
  ['environment: { A: [b] }', '6:21 spec.environment.A: should be text or a number or true or false.'],
  [
    'environment: { A: }',
    '6:21 spec.environment.A: gives A no value. Write one, or "" where empty is meant.',
  ],
  ['environment: [A]', '6:16 spec.environment: gives A no value. Write one, or "" where empty is meant.'],
  ['environment: [=b]', '6:17 spec.environment[0]: has no name before the "=". Write "NAME=value".'],
  [
    'environment: { "A=B": c }',
    '6:18 spec.environment["A=B"]: cannot have a "=" in its name. Correct the name.',
  ],
  ['user: true', '6:9 spec.user: should be a user, such as "1000:1000".'],
  [
    'labels: { dev.plimsoll.stack: x }',
    '6:11 spec.labels: cannot set dev.plimsoll.stack: labels that begin with dev.plimsoll. say what is ours. Choose another name.',
  ],
  ['tty: "yes"', '6:8 spec.tty: should be true or false, such as true.'],
  ['privileged: yes', '6:15 spec.privileged: should be true or false, such as false.'],

  [
    'ports: "80:80"',
    '6:10 spec.ports: should be a list of ports, such as ["8080:80", "127.0.0.1:5353:53/udp"].',
  ],
  ['ports: [a:b]', '6:11 spec.ports[0]: should be "HOST:CONTAINER", such as "8080:80".'],
  ['ports: [true]', '6:11 spec.ports[0]: should be "HOST:CONTAINER", such as "8080:80".'],
  [
    'ports: ["70000:80"]',
    '6:11 spec.ports[0]: has a host port that is neither a port from 1 to 65535 nor a range, such as "8080:80".',
  ],
  ['ports: ["80:70000"]', '6:11 spec.ports[0]: should be "HOST:CONTAINER", such as "8080:80".'],
  ['ports: ["80:80/http"]', '6:11 spec.ports[0]: has a protocol other than tcp, udp and sctp.'],
  [
    'ports: ["localhost:80:80"]',
    '6:11 spec.ports[0]: has a host part that is no IP address, such as "127.0.0.1:8080:80".',
  ],
  [
    'ports: ["8000-8003:80-81"]',
    '6:11 spec.ports[0]: has ranges of different length. Both sides should have the same number of ports, such as "8000-8005:80-85".',
  ],
  [
    'ports: ["1-65535:1-65535"]',
    '6:11 spec.ports[0]: has a range of more than 1000 ports. Use `network_mode: host`.',
  ],
  ['ports: [{ published: 80 }]', '6:11 spec.ports[0]: needs "target", such as 80.'],
  ['ports: [{ target: 0 }]', '6:21 spec.ports[0].target: should be at least 1.'],
  [
    'ports: [{ target: 80, host_ip: x }]',
    '6:34 spec.ports[0].host_ip: has a host part that is no IP address, such as "127.0.0.1:8080:80".',
  ],
  [
    'ports: ["8080:80", "8080:81"]',
    '6:3 spec.ports: wants the host port 8080/tcp, which is wanted by this service twice. Choose another one.',
  ],
  ['expose: [http]', '6:12 spec.expose[0]: should be "PORT/PROTOCOL", such as "9000/udp".'],

  [
    'expose: ["1-65535"]',
    '6:12 spec.expose[0]: has a range of more than 1000 ports. Name those that matter.',
  ],

  [
    'network_mode: back',
    '6:17 spec.network_mode: should be bridge, host, none, service:NAME or container:NAME. To join a network of the stack use `networks`.',
  ],
  [
    'network_mode: host\nnetworks: [back]',
    '7:13 spec.networks: cannot stand beside `network_mode`. Keep one of them.',
  ],
  [
    'network_mode: host\nports: ["80:80"]',
    '7:10 spec.ports: has no effect with `network_mode: host`: the container listens on the host directly. Remove one of them.',
  ],
  [
    'network_mode: container:x\nhostname: a',
    '7:13 spec.hostname: has no effect with `network_mode: container:x`, since the network belongs to the other container. Set it there.',
  ],
  [
    'network_mode: service:db',
    '6:17 spec.network_mode: names the service db, which is not in this stack. Add it, or remove the name.',
  ],
  [
    'networks: [bakc]',
    '6:14 spec.networks[0]: uses the network "bakc", which the stack does not declare; did you mean "back"?',
  ],
  [
    'networks: [other]',
    '6:14 spec.networks[0]: uses the network "other", which the stack does not declare. Declare it: "networks: { other: }" in stack.yaml, or at the top of the Compose file.',
  ],
  [
    'networks: { back: { ipv4_address: 300.1.1.1 } }',
    '6:37 spec.networks.back.ipv4_address: should be an IPv4 address, such as "172.30.0.10".',
  ],
  [
    'networks: { default: { ipv4_address: 172.30.1.1 } }',
    '6:40 spec.networks.default.ipv4_address: needs a range in the network default, such as ipam: { config: [{ subnet: "172.30.0.0/16" }] }.',
  ],
  [
    'networks: { back: { ipv6_address: "2001:db8::9" } }',
    '6:37 spec.networks.back.ipv6_address: needs a range in the network back, such as ipam: { config: [{ subnet: "172.30.0.0/16" }] }.',
  ],
  [
    'networks: { back: { priority: 5 } }',
    '6:23 spec.networks.back.priority: is not available: the engine is told of all networks at once. Remove it.',
  ],
  [
    'mac_address: zz',
    '6:16 spec.mac_address: should be six pairs of hexadecimal digits, such as "02:42:ac:11:65:43".',
  ],
  ['dns: dns.example.org', '6:8 spec.dns: should be the IP address of a DNS server, such as "9.9.9.9".'],
  [
    'extra_hosts: [nonsense]',
    '6:17 spec.extra_hosts[0]: should be "host:address", such as "db.local:192.0.2.7".',
  ],
  [
    'extra_hosts: { a: nonsense }',
    '6:21 spec.extra_hosts.a: should lead to an IP address or to host-gateway, such as "db.local:192.0.2.7".',
  ],

  [
    'volumes: ["./data:/d"]',
    '6:13 spec.volumes[0]: mounts a path relative to the repository, which does not exist on the engine. For files of the repository use `configs`; for data, a named volume; for a path of the host, an absolute one.',
  ],
  [
    'volumes: ["~/data:/d"]',
    '6:13 spec.volumes[0]: mounts a path relative to the repository, which does not exist on the engine. For files of the repository use `configs`; for data, a named volume; for a path of the host, an absolute one.',
  ],
  [
    'volumes: ["dta:/d"]',
    '6:13 spec.volumes[0]: uses the volume "dta", which the stack does not declare; did you mean "data"?',
  ],
  [
    'volumes: ["uploads:/d"]',
    '6:13 spec.volumes[0]: uses the volume "uploads", which the stack does not declare. Declare it: "volumes: { uploads: }" in stack.yaml, or at the top of the Compose file.',
  ],
  [
    'volumes: ["data:d"]',
    '6:13 spec.volumes[0]: should be an absolute path in the container, such as "/var/lib/data".',
  ],
  [
    'volumes: ["data:/"]',
    '6:13 spec.volumes[0]: cannot be the root of the container. Choose a path below it.',
  ],
  [
    'volumes: ["data:/d:rx"]',
    '6:13 spec.volumes[0]: has an option that is not known. Known are ro, rw, nocopy and the propagations, such as rslave.',
  ],
  [
    'volumes: ["/h:/d:Z"]',
    '6:13 spec.volumes[0]: has the option Z, which is not available. Label the directory on the host, with chcon.',
  ],
  [
    'volumes: ["a:b:c:d"]',
    '6:13 spec.volumes[0]: should be "VOLUME:PATH" or "/HOST/PATH:PATH", with ":ro" at the end or nothing, such as "data:/var/lib/data:ro".',
  ],
  [
    'volumes: [/d, "data:/d"]',
    '6:17 spec.volumes[1]: mounts something at /d a second time. Keep one of them.',
  ],
  [
    'volumes: [{ type: bind, target: /d }]',
    '6:13 spec.volumes[0]: needs "source", an absolute path of the host.',
  ],
  [
    'volumes: [{ type: tmpfs, target: /d, volume: { nocopy: true } }]',
    '6:48 spec.volumes[0].volume: belongs to a mount of type volume, and this one is of type tmpfs. Remove it.',
  ],
  [
    'volumes: [{ type: image, source: x, target: /d }]',
    '6:21 spec.volumes[0].type: cannot be image. Copy what is needed into a volume.',
  ],
  [
    'volumes: [{ type: volume, source: data, target: /d, volume: { subpath: ../x } }]',
    '6:74 spec.volumes[0].volume.subpath: should be a path inside the volume, without a leading slash and without "..".',
  ],
  [
    'volumes: [{ type: bind, source: /h, target: /d, bind: { create_host_path: false } }]',
    '6:77 spec.volumes[0].bind.create_host_path: should be true: the engine makes a missing directory, such as true.',
  ],
  ['tmpfs: "/run:uid=5"', '6:10 spec.tmpfs: has an option that is not honoured. Use size=64m and mode=1777.'],
  ['shm_size: lots', '6:13 spec.shm_size: should be a size, such as "128m".'],
  [
    'configs: [{ target: /a }]',
    '6:13 spec.configs[0]: needs "content" or "file", such as file: "config/app.conf".',
  ],
  [
    'configs: [{ target: /a, content: x, file: y }]',
    '6:39 spec.configs[0].file: cannot stand beside `content`. Keep one of them.',
  ],
  [
    'configs: [{ target: /a, content: x, signal: SIGHUP }]',
    '6:47 spec.configs[0].signal: counts only with `reaction: signal`. Remove one of them.',
  ],
  [
    'configs: [{ target: /a, content: x, reaction: signal, signal: SIGHPU }]',
    '6:65 spec.configs[0].signal: should be a signal of Linux, such as "SIGHUP"; did you mean "HUP"?',
  ],
  [
    'stop_signal: SIGTREM',
    '6:16 spec.stop_signal: should be a signal of Linux, such as "SIGHUP"; did you mean "TERM"?',
  ],
  [
    'configs: [{ target: a, content: x }]',
    '6:23 spec.configs[0].target: should be an absolute path in the container, such as "/var/lib/data".',
  ],
  [
    'configs: [{ target: /a, source: x }]',
    '6:27 spec.configs[0].source: belongs to Compose files. Give the `file` or the `content` here.',
  ],
  [
    'configs: [{ target: /a, content: x, mode: "999" }]',
    '6:45 spec.configs[0].mode: should be permission bits in octal, such as "0440".',
  ],
  [
    'tmpfs: /a\nconfigs: [{ target: /a, content: x }]',
    '7:13 spec.configs[0]: puts something at /a a second time. Keep one of them.',
  ],

  [
    'healthcheck: { test: [wget, x] }',
    '6:24 spec.healthcheck.test: should begin with CMD, CMD-SHELL or NONE, and go on with what to run, such as ["CMD", "pg_isready"].',
  ],
  [
    'healthcheck: { test: [CMD] }',
    '6:24 spec.healthcheck.test: should begin with CMD, CMD-SHELL or NONE, and go on with what to run, such as ["CMD", "pg_isready"].',
  ],
  ['healthcheck: { interval: 5 }', '6:28 spec.healthcheck.interval: should be a duration, such as "10s".'],
  [
    'healthcheck: { interval: 9000w }',
    '6:28 spec.healthcheck.interval: should be at most 366 days, such as "10m".',
  ],
  [
    'healthcheck: { disable: true, test: x }',
    '6:39 spec.healthcheck.test: cannot stand beside `disable: true`. Keep one of them.',
  ],
  [
    'restart: sometimes',
    '6:12 spec.restart: should be no, always, unless-stopped, on-failure or on-failure:N, such as "unless-stopped".',
  ],
  ['stop_grace_period: 10', '6:22 spec.stop_grace_period: should be a duration, such as "30s".'],

  ['cap_add: NET_ADMIN', '6:12 spec.cap_add: should be a list of texts, such as ["NET_BIND_SERVICE"].'],
  ['cap_add: [net-admin]', '6:13 spec.cap_add[0]: should be a capability, such as "NET_ADMIN".'],
  [
    'security_opt: [nonsense]',
    '6:18 spec.security_opt[0]: should be one of apparmor, label, no-new-privileges, seccomp, systempaths, writable-cgroups, such as "no-new-privileges".',
  ],
  [
    'security_opt: ["seccomp:./profile.json"]',
    '6:18 spec.security_opt[0]: can name only unconfined or builtin: a profile would be a file of the host, and those are not read.',
  ],
  [
    'devices: [tty]',
    '6:13 spec.devices[0]: should be "HOST:CONTAINER:PERMISSIONS", such as "/dev/ttyUSB0:/dev/ttyUSB0:rwm".',
  ],
  [
    'devices: ["/dev/a:/dev/a:x"]',
    '6:13 spec.devices[0]: should be "HOST:CONTAINER:PERMISSIONS", such as "/dev/ttyUSB0:/dev/ttyUSB0:rwm".',
  ],
  ['pid: other', '6:8 spec.pid: should be host, service:NAME or container:NAME.'],
  [
    'ipc: service:db',
    '6:8 spec.ipc: names the service db, which is not in this stack. Add it, or remove the name.',
  ],
  ['uts: guest', '6:8 spec.uts: should be "host".'],
  [
    'ulimits: { nofile: many }',
    '6:22 spec.ulimits.nofile: should be a number, or a soft and a hard one, such as 65535.',
  ],
  ['ulimits: { nofile: { soft: 5 } }', '6:22 spec.ulimits.nofile: needs "hard", such as 40000.'],

  ['cpus: much', '6:9 spec.cpus: should be a number of processors, such as 1.5.'],
  ['cpus: -1', '6:9 spec.cpus: should be at least 0.'],
  ['cpus: 1\ncpu_quota: 5000', '7:14 spec.cpu_quota: cannot stand beside `cpus`. Keep one of them.'],
  [
    'cpus: 1\ndeploy: { resources: { limits: { cpus: 2 } } }',
    '7:42 spec.deploy.resources.limits.cpus: says something else than the key of the service itself. Keep one of them.',
  ],
  ['mem_limit: 1m', '6:14 spec.mem_limit: should be at least 6m, the least that the engine allows.'],
  ['mem_limit: 9999999999999g', '6:14 spec.mem_limit: is more than any machine has. Correct the unit.'],
  ['mem_limit: 10m\nmem_reservation: 20m', '7:20 spec.mem_reservation: should not be more than `mem_limit`.'],
  ['memswap_limit: 1g', '6:18 spec.memswap_limit: needs `mem_limit` beside it.'],
  [
    'mem_limit: 2g\nmemswap_limit: 1g',
    '7:18 spec.memswap_limit: counts memory and swap together, so it should be at least `mem_limit`.',
  ],
  ['mem_swappiness: 101', '6:19 spec.mem_swappiness: should be at most 100.'],
  ['oom_score_adj: 2000', '6:18 spec.oom_score_adj: should be at most 1000.'],
  ['replicas: -1', '6:13 spec.replicas: should be at least 0.'],
  ['replicas: 2\nscale: 3', '7:10 spec.scale: says something else than `replicas`. Keep one of them.'],
  [
    'replicas: 2\ndeploy: { replicas: 3 }',
    '7:23 spec.deploy.replicas: says something else than the key of the service itself. Keep one of them.',
  ],
  [
    'deploy: { restart_policy: { condition: any, max_attempts: 3 } }',
    '6:61 spec.deploy.restart_policy.max_attempts: counts only with `condition: on-failure`. Remove one of them.',
  ],
  [
    'deploy: { mode: global }',
    '6:19 spec.deploy.mode: cannot be global: there is one engine here. Remove it, and set `replicas`.',
  ],
  [
    'deploy: { resources: { reservations: { cpus: 1 } } }',
    '6:42 spec.deploy.resources.reservations.cpus: has no counterpart in the engine. Use `cpu_shares` for a weight.',
  ],

  [
    'rollout: { strategy: rollin }',
    '6:24 spec.rollout.strategy: should be one of "auto", "rolling", "recreate"; did you mean "rolling"?',
  ],
  [
    'rollout: { min_healthy_time: 10m }',
    '6:12 spec.rollout: can never succeed: `min_healthy_time` should be less than `healthy_deadline`.',
  ],
  [
    'drift: { ignore: [memlimit] }',
    '6:21 spec.drift.ignore[0]: should be a field of a running container, such as "mem_limit" or "labels.foo"; did you mean "mem_limit"?',
  ],
  [
    'drift: { ignore: [healthcheck.intervall] }',
    '6:21 spec.drift.ignore[0]: names "intervall", and healthcheck has test, interval, timeout, retries, start_period, start_interval; did you mean "interval"?',
  ],
  [
    'drift: { ignore: [volumes./data.readonly] }',
    '6:21 spec.drift.ignore[0]: names "readonly", and mounts has type, source, read_only, nocopy, subpath, propagation, size, mode; did you mean "read_only"?',
  ],
  ['drift: { mod: warn }', '6:12 spec.drift.mod: is not a known key; did you mean "mode"?'],
  [
    'drift: { fields: { mem_limit.hard: warn } }',
    '6:38 spec.drift.fields["mem_limit.hard"]: goes further than "mem_limit", which is compared as a whole.',
  ],
  [
    'drift: { fields: { mem_limit: heel } }',
    '6:33 spec.drift.fields.mem_limit: should be one of "heal", "warn", "off"; did you mean "heal"?',
  ],
  ['drift: wrn', '6:10 spec.drift: should be one of "heal", "warn", "off"; did you mean "warn"?'],
  ['lifecycle: job\nreplicas: 2', '7:13 spec.replicas: cannot be more than 1 for a job, which runs once.'],
  [
    'lifecycle: job\nrestart: always',
    '7:12 spec.restart: cannot be always for a job, which is to end. Use no, or on-failure.',
  ],

  [
    'replicas: 2\nports: ["8080:80"]',
    '7:10 spec.ports: publishes the host port 8080 for 2 replicas, and only one can have it. Publish a range, such as "8080-8081", or leave the host port out.',
  ],
  [
    'replicas: 2\nmac_address: "02:42:ac:11:65:43"',
    '7:16 spec.mac_address: gives 2 replicas one MAC address. Remove it, or run one replica.',
  ],
  [
    'replicas: 2\nnetworks: { back: { ipv4_address: 172.30.0.9 } }',
    '7:13 spec.networks: gives 2 replicas one fixed address. Remove it, or run one replica.',
  ],
  [
    'depends_on: [bd]',
    '6:16 spec.depends_on[0]: names the service bd, which is not in this stack. Add it, or remove the name.',
  ],
  [
    'depends_on: [wbe]',
    '6:16 spec.depends_on[0]: names the service wbe, which is not in this stack; did you mean "web"?',
  ],
  ['depends_on: ["a b"]', '6:16 spec.depends_on[0]: names "a b", which cannot be the name of a service.'],
  [
    'depends_on: { db: { condition: service_ready } }',
    '6:34 spec.depends_on.db.condition: should be one of "service_started", "service_healthy", "service_completed_successfully"; did you mean "service_healthy"?',
  ],
  [
    'depends_on: [web]',
    '6:16 spec.depends_on[0]: closes a circle: web → web. Remove one of these dependencies.',
  ],
];

test.each(mistakes)('%s gets one sentence with a place and a remedy', (yaml, problem) => {
  expect(problemsOf(`image: app:1\n${yaml}`, stack)).toEqual([problem]);
});

/** Keys of Compose that are not honoured: each says why and what to use instead. */
test.each([
  'attach: false',
  'blkio_config: {}',
  'build: .',
  'container_name: x',
  'cpu_count: 1',
  'cpu_percent: 1',
  'cpu_rt_period: 1',
  'cpu_rt_runtime: 1',
  'credential_spec: {}',
  'develop: {}',
  'extends: x',
  'external_links: [x]',
  'gpus: all',
  'isolation: x',
  'label_file: x',
  'links: [db]',
  'models: [x]',
  'post_start: []',
  'pre_start: []',
  'pre_stop: []',
  'profiles: [x]',
  'provider: {}',
  'pull_refresh_after: 1d',
  'secrets: [x]',
  'use_api_socket: true',
  'volumes_from: [x]',
])('%s is refused with what to use instead', (yaml) => {
  const problems = problemsOf(`image: app:1\n${yaml}`);
  const key = yaml.slice(0, yaml.indexOf(':'));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    new RegExp(
      `^6:3 spec\\.${key}: (is|exists|concerns) .*(Use|use|Remove|Write|Build|Name|Run|Keep|Limit|Declare|Mount|Let|Services|Others) .*\\.$`,
    ),
  );
});

describe('image', () => {
  test.each([
    ['Nginx', 'has upper case letters in its name, which registries do not allow.'],
    ['nginx:', 'has a tag that is none: letters, digits, `_`, `.` and `-`.'],
    ['ghcr.io//x', 'should be a name with a tag or a digest, such as "ghcr.io/acme/web:1.4.2".'],
    ['nginx@sha256:12', 'has a digest that is not "sha256:" and 64 hexadecimal digits.'],
    ['-bad-.io/x', 'has a registry that is no host name, such as "ghcr.io".'],
    [
      `sha256:${'a'.repeat(64)}`,
      'is an image id, which no registry can be asked for. Use a name, such as "redis:7".',
    ],
    ['nginx 1', 'should be a name with a tag or a digest, such as "ghcr.io/acme/web:1.4.2".'],
  ])('%s is refused', (image, message) => {
    expect(problemsOf(`image: "${image}"`)).toEqual([`5:10 spec.image: ${message}`]);
  });

  test('a service without an image says so once', () => {
    expect(problemsOf('replicas: 1')).toEqual(['5:3 spec: needs "image", such as "ghcr.io/acme/web:1.4.2".']);
  });
});

test('all mistakes of a file are told at once, those of form and those of meaning', () => {
  expect(problemsOf('imagee: x\nports: [nonsense]\nvolumes: [data:/d]\nrestart: never')).toEqual([
    '5:3 spec: needs "image", such as "ghcr.io/acme/web:1.4.2".',
    '5:3 spec.imagee: is not a known key; did you mean "image"?',
    '6:11 spec.ports[0]: should be "HOST:CONTAINER", such as "8080:80".',
    expect.stringContaining('7:13 spec.volumes[0]: uses the volume "data"'),
    expect.stringContaining('8:12 spec.restart: should be no, always'),
  ]);
});

test('a message never repeats the value of an environment variable', () => {
  const { problems } = loadTree({
    'stacks/shop/web.yaml': serviceManifest(
      'image: app:1\nenvironment: { PASSWORD: [hunter2], "A=B": hunter2 }\nenv_file: web.env',
    ),
    'stacks/shop/web.env': 'PASSWORD="hunter2\nB=$hunter2',
  });
  expect(problems.length).toBeGreaterThan(1);
  expect(problems.join('\n')).not.toContain('hunter2 ');
  expect(problems.join('\n')).not.toMatch(/"hunter2/);
});
