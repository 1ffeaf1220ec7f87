import { existsSync } from 'node:fs';
import * as fs from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { init } from 'isomorphic-git';
import { SyncError } from './model/error.ts';
import { kinds, schemaText } from './manifest/schema.ts';

export interface Starter {
  /** Paths below the directory, in the order in which a person would read them. */
  readonly files: readonly string[];
  /** False where the directory already lay inside a Git repository. */
  readonly isNewRepository: boolean;
}

/** Writes a first stack, the operator's file and the schemas for editors. Overwrites nothing: then nothing is written at all. */
export async function writeStarter(directory: string): Promise<Starter> {
  const files = { ...authored, ...schemaFiles() };
  const taken = Object.keys(files).filter((path) => existsSync(join(directory, path)));
  if (taken.length > 0) {
    throw new SyncError(
      'FileUnusable',
      `${directory} already has ${taken.join(', ')}; nothing was written. Name an empty directory.`,
    );
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { flag: 'wx' });
  }
  const isNewRepository = !isInsideRepository(directory);
  if (isNewRepository) {
    await init({ fs, dir: directory, defaultBranch: 'main' });
  }
  return { files: Object.keys(files), isNewRepository };
}

function schemaFiles(): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [`schemas/${kind}.schema.json`, schemaText(kind)]));
}

function isInsideRepository(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true;
  const parent = dirname(directory);
  return parent !== directory && isInsideRepository(parent);
}

const authored: Readonly<Record<string, string>> = {
  'README.md': `# What runs on our Docker host

Each directory below \`stacks/\` is a stack: services that are deployed and rolled back together. Change a file, commit,
and Plimsoll brings the host to that line.

    plimsoll validate     # is everything well-formed? needs no Docker
    plimsoll plan         # what would change on the host, and why
    plimsoll run          # follow this repository and keep the host in sync

\`schemas/\` lets editors complete and check the files without a network; \`plimsoll schema KIND\` prints them anew.
`,
  'stacks/site/stack.yaml': `# yaml-language-server: $schema=../../schemas/stack.schema.json
# What the services of this directory share. A stack without anything to share needs no such file.
apiVersion: plimsoll.dev/v1
kind: Stack
spec:
  rollout:
    # How long a new container must stay healthy before it counts.
    min_healthy_time: 5s
`,
  'stacks/site/web.yaml': `# yaml-language-server: $schema=../../schemas/service.schema.json
apiVersion: plimsoll.dev/v1
kind: Service
metadata:
  name: web
spec:
  # Inside \`spec\`, keys and values are those of Compose.
  image: nginx:1.27-alpine
  ports: ["8080:80"]
  healthcheck:
    test: [CMD, wget, -qO, /dev/null, "http://localhost/"]
    interval: 5s
    timeout: 3s
  restart: unless-stopped
`,
  'plimsoll.yaml': `# yaml-language-server: $schema=schemas/config.schema.json
# The operator's file: it says what this host follows, and stays on the host (.gitignore keeps it out of the commits).
# Instead of a text, \`{ env: NAME }\` takes a variable and \`{ file: PATH }\` the content of a file.
sources:
  - name: main
    # An https or ssh address, or a path; a relative one begins at this file.
    repository: .
    ref: main
    interval: 15s
    # credentials: { token: { env: GIT_TOKEN } }

# Two installations on one engine need two names.
# installation: default

# Default: DOCKER_HOST, else /var/run/docker.sock.
# engine:
#   host: unix:///var/run/docker.sock

# Default: a private Postgres in the state directory.
# database:
#   url: { env: DATABASE_URL }

# What manifests may ask for beyond a plain container. Everything is forbidden until it stands here.
# policy:
#   allow: [host_network]
#   host_paths: [/srv/data]
`,
  '.gitignore': `/plimsoll.yaml
`,
};
