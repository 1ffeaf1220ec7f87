import { Webhooks, type EmitterWebhookEventName } from '@octokit/webhooks';
import type { Json } from '../reconciler/model/json.ts';
import type { Secret } from '../reconciler/model/secret.ts';
import { imageHint } from './image-name.ts';
import {
  ignoring,
  knownRevision,
  listAt,
  malformed,
  numberAt,
  pathsOf,
  pushedRevision,
  reading,
  repositoryFrom,
  textAt,
  type Reading,
} from './payload.ts';
import { headerOf, refused, type Proof, type Verdict } from './proof.ts';
import type { Protocol } from './protocol.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const github: Protocol = {
  prove: proveGithub,
  deliveryOf: (headers) => headerOf(headers, 'x-github-delivery'),
  eventOf: (headers) => headerOf(headers, 'x-github-event'),
  read: (event, payload) => (isOurs(event) ? readers[event](payload) : ignoring(notNeeded(event))),
};

/** GHCR has no webhooks of its own: they are those of the repository or organization that a package belongs to. */
export const ghcr: Protocol = {
  ...github,
  read: (event, payload, receiver) =>
    event === 'ping' || event === 'package' || event === 'registry_package'
      ? github.read(event, payload, receiver)
      : ignoring(`A receiver of ghcr needs the events "Packages" and "Registry packages", not "${event}".`),
};

async function proveGithub({ headers, body }: Proof, secrets: readonly Secret[]): Promise<Verdict> {
  const signature = headerOf(headers, 'x-hub-signature-256');
  if (signature === '') {
    return refused(
      'SignatureMissing',
      'The delivery has no X-Hub-Signature-256. Enter the secret of this receiver in the settings of the webhook.',
    );
  }
  if (body === null) return { kind: 'needsBody' };
  if (body.length === 0) return refused('SignatureWrong', 'The delivery has no body.');
  const text = body.toString('utf8');
  const fits = await Promise.all(
    secrets.map((secret) => new Webhooks({ secret: secret.reveal() }).verify(text, signature)),
  );
  return fits.includes(true)
    ? { kind: 'genuine' }
    : refused('SignatureWrong', 'The signature does not fit the secret.');
}

const readers = {
  ping: () => reading({ kind: 'ping' }),
  push: readPush,
  pull_request: readPullRequest,
  package: (payload: Json) => readPackage(payload, 'package'),
  registry_package: (payload: Json) => readPackage(payload, 'registry_package'),
} as const satisfies Partial<Record<EmitterWebhookEventName, (payload: Json) => Reading>>;

function isOurs(event: string): event is keyof typeof readers {
  return Object.hasOwn(readers, event);
}

function notNeeded(event: string): string {
  return `Nothing depends on the event "${event}"; "push" is needed, and "pull_request" for reviews.`;
}

function readPush(payload: Json): Reading {
  const repository = readRepository(payload);
  const ref = textAt(payload, 'ref');
  if (repository === null) return malformed('repository.clone_url');
  if (ref === null) return malformed('ref');
  return reading({
    kind: 'push',
    ...repository,
    ref,
    before: knownRevision(textAt(payload, 'before')),
    after: pushedRevision(textAt(payload, 'after')),
    paths: pathsOf(listAt(payload, 'commits')),
    defaultBranch: textAt(payload, 'repository', 'default_branch'),
  });
}

/** What bears on a review: its commits, its base, its labels, and whether it is open. */
const reviewActions: ReadonlySet<string> = new Set([
  'opened',
  'reopened',
  'synchronize',
  'edited',
  'labeled',
  'unlabeled',
  'ready_for_review',
  'closed',
]);

function readPullRequest(payload: Json): Reading {
  const repository = readRepository(payload);
  const number = numberAt(payload, 'pull_request', 'number');
  const action = textAt(payload, 'action') ?? '';
  if (repository === null) return malformed('repository.clone_url');
  if (number === null) return malformed('pull_request.number');
  if (!reviewActions.has(action)) return ignoring(`A pull request that was ${action} needs no new review.`);
  return reading({ kind: 'pullRequest', ...repository, number });
}

function readPackage(payload: Json, key: 'package' | 'registry_package'): Reading {
  const version = [key, 'package_version'] as const;
  const type = textAt(payload, key, 'package_type');
  if (type === null) return malformed(`${key}.package_type`);
  if (type.toUpperCase() !== 'CONTAINER') return ignoring(`A package of type ${type} is no image.`);
  const namespace = textAt(payload, key, 'namespace');
  const name = textAt(payload, key, 'name');
  if (namespace === null || name === null) return malformed(`${key}.name`);
  const tag = textAt(payload, ...version, 'container_metadata', 'tag', 'name');
  if (tag === null)
    return ignoring('An image was pushed without a tag, as each part of one for several platforms is.');
  const digest = textAt(payload, ...version, 'container_metadata', 'tag', 'digest');
  const image = imageHint(`ghcr.io/${namespace}/${name}:${tag}`, digest);
  return image === null ? malformed(`${key}.name`) : reading(image);
}

function readRepository(payload: Json) {
  return repositoryFrom(
    ['clone_url', 'html_url', 'ssh_url'].map((key) => textAt(payload, 'repository', key)),
  );
}
