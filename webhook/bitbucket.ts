import type { Hint } from '../reconciler/model/hint.ts';
import type { Json } from '../reconciler/model/json.ts';
import type { Secret } from '../reconciler/model/secret.ts';
import {
  ignoring,
  knownRevision,
  listAt,
  malformed,
  pushedRevision,
  reading,
  repositoryFrom,
  textAt,
  valueAt,
  type Reading,
} from './payload.ts';
import { headerOf, refused, type Proof, type Verdict } from './proof.ts';
import type { Protocol } from './protocol.ts';
import { isSignedHex } from './signature.ts';

/** Bitbucket Cloud and Data Center: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
export const bitbucket: Protocol = {
  prove: proveBitbucket,
  deliveryOf: (headers) => headerOf(headers, 'x-request-uuid') || headerOf(headers, 'x-request-id'),
  eventOf: (headers) => headerOf(headers, 'x-event-key'),
  read(event, payload) {
    switch (event) {
      case 'repo:push':
        return readCloudPush(payload);
      case 'repo:refs_changed':
        return readServerPush(payload);
      case 'diagnostics:ping':
        return reading({ kind: 'ping' });
      default:
        return ignoring(`Nothing depends on the event "${event}"; "Repository push" is needed.`);
    }
  },
};

function proveBitbucket({ headers, body }: Proof, secrets: readonly Secret[]): Verdict {
  const [, signature = ''] = /^sha256=([0-9a-fA-F]+)$/.exec(headerOf(headers, 'x-hub-signature')) ?? [];
  if (signature === '') {
    return refused(
      'SignatureMissing',
      'The delivery has no X-Hub-Signature with sha256. Enter the secret of this receiver in the settings of the webhook.',
    );
  }
  if (body === null) return { kind: 'needsBody' };
  return isSignedHex(body, signature, secrets)
    ? { kind: 'genuine' }
    : refused('SignatureWrong', 'The signature does not fit the secret.');
}

/** More refs at once are a mirror's first push; what follows them is found by looking. */
const mostChanges = 50;

function readCloudPush(payload: Json): Reading {
  const repository = repositoryFrom([textAt(payload, 'repository', 'links', 'html', 'href')]);
  const changes = listAt(payload, 'push', 'changes');
  if (repository === null) return malformed('repository.links.html.href');
  if (changes === null) return malformed('push.changes');
  const hints: Hint[] = [];
  for (const change of changes.slice(0, mostChanges)) {
    const isDeleted = (valueAt(change, 'new') ?? null) === null;
    const side = isDeleted ? 'old' : 'new';
    const name = textAt(change, side, 'name');
    if (name === null) return malformed(`push.changes.${side}.name`);
    const folder = textAt(change, side, 'type') === 'tag' ? 'tags' : 'heads';
    hints.push({
      kind: 'push',
      ...repository,
      ref: `refs/${folder}/${name}`,
      before: knownRevision(textAt(change, 'old', 'target', 'hash')),
      after: isDeleted ? null : pushedRevision(textAt(change, 'new', 'target', 'hash')),
      paths: null,
      defaultBranch: textAt(payload, 'repository', 'mainbranch', 'name'),
    });
  }
  return hints.length === 0 ? ignoring('The push moved no ref.') : reading(...hints);
}

/** Data Center names its own address only in newer releases; without it, whatever the receiver may wake is looked at. */
function readServerPush(payload: Json): Reading {
  const links = listAt(payload, 'repository', 'links', 'clone') ?? [];
  const repository = repositoryFrom(links.map((link) => textAt(link, 'href')));
  const changes = listAt(payload, 'changes');
  if (changes === null) return malformed('changes');
  if (repository === null) return reading({ kind: 'look', source: null, stack: null });
  const hints: Hint[] = [];
  for (const change of changes.slice(0, mostChanges)) {
    const ref = textAt(change, 'ref', 'id');
    if (ref === null) return malformed('changes.ref.id');
    hints.push({
      kind: 'push',
      ...repository,
      ref,
      before: knownRevision(textAt(change, 'fromHash')),
      after: textAt(change, 'type') === 'DELETE' ? null : pushedRevision(textAt(change, 'toHash')),
      paths: null,
      defaultBranch: null,
    });
  }
  return hints.length === 0 ? ignoring('The push moved no ref.') : reading(...hints);
}
