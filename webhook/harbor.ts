import type { Hint } from '../reconciler/model/hint.ts';
import type { Json } from '../reconciler/model/json.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';
import { imageHint } from './image-name.ts';
import { ignoring, listAt, malformed, reading, textAt, valueAt, type Reading } from './payload.ts';
import { proveAuthorization } from './proof.ts';
import type { Protocol } from './protocol.ts';

/**
 * Harbor in both of its formats, its own and CloudEvents:
 * https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/
 */
export const harbor: Protocol = {
  prove: proveAuthorization,
  deliveryOf: () => '',
  eventOf: (_, payload) => textAt(payload, 'type') ?? '',
  read(event, payload, receiver) {
    switch (event) {
      case 'PUSH_ARTIFACT':
        return readPushed(valueAt(payload, 'event_data') ?? null, receiver);
      case 'harbor.artifact.pushed':
        return readPushed(valueAt(payload, 'data') ?? null, receiver);
      default:
        return ignoring(`Nothing depends on the event "${event}"; "Artifact pushed" is needed.`);
    }
  },
};

const mostResources = 100;

function readPushed(data: Json, { registry }: Receiver): Reading {
  const name = textAt(data, 'repository', 'repo_full_name');
  const resources = listAt(data, 'resources');
  if (name === null) return malformed('repository.repo_full_name');
  if (resources === null) return malformed('resources');
  const hints: Hint[] = [];
  for (const resource of resources.slice(0, mostResources)) {
    const tag = textAt(resource, 'tag');
    // An artifact without a tag is named by its digest.
    if (tag === null || tag.startsWith('sha256:')) continue;
    const [ownHost] = textAt(resource, 'resource_url')?.split('/') ?? [];
    const host = registry ?? ownHost;
    const image = host === undefined ? null : imageHint(`${host}/${name}:${tag}`, textAt(resource, 'digest'));
    if (image === null) return malformed('resources.resource_url');
    hints.push(image);
  }
  return hints.length === 0 ? ignoring('No tag was pushed.') : reading(...hints);
}
