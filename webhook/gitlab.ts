import type { Json } from '../reconciler/model/json.ts';
import type { Secret } from '../reconciler/model/secret.ts';
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
  valueAt,
  type Reading,
} from './payload.ts';
import { headerOf, refused, type Proof, type Verdict } from './proof.ts';
import type { Protocol } from './protocol.ts';
import { isOneOf } from './signature.ts';
import { isStandardSigned, proveStandard, standardHeaders } from './standard.ts';

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export const gitlab: Protocol = {
  prove: proveGitlab,
  deliveryOf: (headers) => headerOf(headers, standardHeaders.id) || headerOf(headers, 'idempotency-key'),
  // System hooks say what happened in the payload only.
  eventOf: (headers, payload) =>
    textAt(payload, 'object_kind') ?? textAt(payload, 'event_name') ?? headerOf(headers, 'x-gitlab-event'),
  read(event, payload) {
    switch (event) {
      case 'push':
      case 'tag_push':
        return readPush(payload);
      case 'merge_request':
        return readMergeRequest(payload);
      default:
        return ignoring(
          `Nothing depends on the event "${event}"; push events are needed, and merge request events for reviews.`,
        );
    }
  },
};

/** A signing token signs the body; the older secret token is the secret itself. */
function proveGitlab(proof: Proof, secrets: readonly Secret[]): Verdict {
  if (isStandardSigned(proof.headers)) return proveStandard(proof, secrets);
  const token = headerOf(proof.headers, 'x-gitlab-token');
  if (token === '') {
    return refused(
      'SignatureMissing',
      'The delivery has neither webhook-signature nor X-Gitlab-Token. Enter the secret of this receiver as the signing token or secret token of the webhook.',
    );
  }
  if (isOneOf(token, secrets)) return { kind: 'genuine' };
  return refused('SecretWrong', 'The token in X-Gitlab-Token is not the one that is configured.');
}

function readPush(payload: Json): Reading {
  const repository = readProject(payload);
  const ref = textAt(payload, 'ref');
  if (repository === null) return malformed('project.git_http_url');
  if (ref === null) return malformed('ref');
  return reading({
    kind: 'push',
    ...repository,
    ref,
    before: knownRevision(textAt(payload, 'before')),
    after: pushedRevision(textAt(payload, 'after')),
    paths: pathsOf(listAt(payload, 'commits')),
    defaultBranch: textAt(payload, 'project', 'default_branch'),
  });
}

/** What bears on a review; an approval does not. */
const reviewActions: ReadonlySet<string> = new Set(['open', 'reopen', 'update', 'close', 'merge']);

function readMergeRequest(payload: Json): Reading {
  const repository = readProject(payload);
  const number = numberAt(payload, 'object_attributes', 'iid');
  const action = textAt(payload, 'object_attributes', 'action') ?? 'update';
  if (repository === null) return malformed('project.git_http_url');
  if (number === null) return malformed('object_attributes.iid');
  if (!reviewActions.has(action)) return ignoring(`A merge request with "${action}" needs no new review.`);
  return reading({ kind: 'pullRequest', ...repository, number });
}

function readProject(payload: Json) {
  const project = valueAt(payload, 'project');
  return repositoryFrom(['git_http_url', 'web_url', 'git_ssh_url'].map((key) => textAt(project, key)));
}
