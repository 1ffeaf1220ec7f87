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
import { isSignedHex } from './signature.ts';

/** https://docs.gitea.com/usage/webhooks */
export const gitea: Protocol = protocolOf('gitea');

/** Forgejo still sends Gitea's headers beside its own; its own count. */
export const forgejo: Protocol = protocolOf('forgejo');

function protocolOf(brand: 'gitea' | 'forgejo'): Protocol {
  return {
    prove: (proof, secrets) => proveBranded(proof, { brand, secrets }),
    deliveryOf: (headers) => headerOf(headers, `x-${brand}-delivery`),
    eventOf: (headers) => headerOf(headers, `x-${brand}-event`),
    read: readEvent,
  };
}

interface Known {
  readonly brand: 'gitea' | 'forgejo';
  readonly secrets: readonly Secret[];
}

function proveBranded({ headers, body }: Proof, { brand, secrets }: Known): Verdict {
  const signature = headerOf(headers, `x-${brand}-signature`);
  if (signature === '') {
    return refused(
      'SignatureMissing',
      `The delivery has no X-${brand === 'gitea' ? 'Gitea' : 'Forgejo'}-Signature. Enter the secret of this receiver in the settings of the webhook.`,
    );
  }
  if (body === null) return { kind: 'needsBody' };
  return isSignedHex(body, signature, secrets)
    ? { kind: 'genuine' }
    : refused('SignatureWrong', 'The signature does not fit the secret.');
}

function readEvent(event: string, payload: Json): Reading {
  switch (event) {
    case 'push':
      return readPush(payload);
    case 'delete':
      return readDelete(payload);
    case 'pull_request':
    case 'pull_request_sync':
    case 'pull_request_label':
      return readPullRequest(payload);
    case 'package':
      return readPackage(payload);
    default:
      return ignoring(
        `Nothing depends on the event "${event}"; "push" is needed, and "pull_request" for reviews.`,
      );
  }
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

/** A deleted ref is an event of its own here, with the short name of the ref. */
function readDelete(payload: Json): Reading {
  const repository = readRepository(payload);
  const ref = textAt(payload, 'ref');
  if (repository === null) return malformed('repository.clone_url');
  if (ref === null) return malformed('ref');
  const folder = textAt(payload, 'ref_type') === 'tag' ? 'tags' : 'heads';
  const defaultBranch = textAt(payload, 'repository', 'default_branch');
  return reading({
    kind: 'push',
    ...repository,
    ref: `refs/${folder}/${ref}`,
    before: null,
    after: null,
    paths: null,
    defaultBranch,
  });
}

function readPullRequest(payload: Json): Reading {
  const repository = readRepository(payload);
  const number = numberAt(payload, 'number') ?? numberAt(payload, 'pull_request', 'number');
  if (repository === null) return malformed('repository.clone_url');
  return number === null ? malformed('number') : reading({ kind: 'pullRequest', ...repository, number });
}

/** The registry of a forge is the forge's own host. */
function readPackage(payload: Json): Reading {
  if (textAt(payload, 'action') !== 'created')
    return ignoring('A package was removed, which changes nothing that runs.');
  const type = textAt(payload, 'package', 'type');
  if (type !== 'container') return ignoring(`A package of type ${type ?? 'unknown'} is no image.`);
  const [host, owner] = [
    hostOf(textAt(payload, 'package', 'html_url')),
    textAt(payload, 'package', 'owner', 'login'),
  ];
  const [name, version] = [textAt(payload, 'package', 'name'), textAt(payload, 'package', 'version')];
  if (host === null || owner === null || name === null || version === null) return malformed('package');
  if (version.startsWith('sha256:'))
    return ignoring('An image was pushed without a tag, as each part of one for several platforms is.');
  const image = imageHint(`${host}/${owner}/${name}:${version}`, null);
  return image === null ? malformed('package.name') : reading(image);
}

function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}

function readRepository(payload: Json) {
  return repositoryFrom(
    ['clone_url', 'html_url', 'ssh_url'].map((key) => textAt(payload, 'repository', key)),
  );
}
