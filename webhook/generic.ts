import { isName } from '../reconciler/model/ids.ts';
import { isJsonRecord, type Json } from '../reconciler/model/json.ts';
import { imageHint } from './image-name.ts';
import {
  knownRevision,
  malformed,
  pushedRevision,
  reading,
  repositoryFrom,
  textAt,
  type Reading,
} from './payload.ts';
import { headerOf } from './proof.ts';
import type { Protocol } from './protocol.ts';
import { proveStandard, standardHeaders } from './standard.ts';

/**
 * For whatever can make a signature: a pipeline, a script, `plimsoll sync --url`. The body says where to look; an
 * empty one, or `{}`, means everywhere that the receiver may.
 */
export const generic: Protocol = {
  prove: proveStandard,
  deliveryOf: (headers) => headerOf(headers, standardHeaders.id),
  eventOf: (_, payload) => kindOf(payload),
  read(event, payload) {
    const stranger = isJsonRecord(payload) ? Object.keys(payload).find((key) => !keys.has(key)) : undefined;
    if (!isJsonRecord(payload)) return malformed('the body, which should be a map,');
    if (stranger !== undefined) return malformed(`the key "${stranger.slice(0, 40)}"`);
    switch (event) {
      case 'image':
        return readImage(payload);
      case 'push':
        return readPush(payload);
      default:
        return readLook(payload);
    }
  },
};

const keys: ReadonlySet<string> = new Set([
  'source',
  'stack',
  'repository',
  'ref',
  'before',
  'after',
  'image',
]);

function kindOf(payload: Json): 'image' | 'push' | 'look' {
  if (isJsonRecord(payload) && Object.hasOwn(payload, 'image')) return 'image';
  return isJsonRecord(payload) && Object.hasOwn(payload, 'repository') ? 'push' : 'look';
}

function readImage(payload: Json): Reading {
  const image = imageHint(textAt(payload, 'image') ?? '', null);
  return image === null ? malformed('image') : reading(image);
}

function readPush(payload: Json): Reading {
  const repository = repositoryFrom([textAt(payload, 'repository')]);
  const ref = textAt(payload, 'ref');
  if (repository === null) return malformed('repository');
  if (ref === null) return malformed('ref, which `repository` needs beside it,');
  return reading({
    kind: 'push',
    ...repository,
    ref: ref.startsWith('refs/') ? ref : `refs/heads/${ref}`,
    before: knownRevision(textAt(payload, 'before')),
    after: pushedRevision(textAt(payload, 'after')),
    paths: null,
    defaultBranch: null,
  });
}

function readLook(payload: Json): Reading {
  const source = textAt(payload, 'source');
  const stack = textAt(payload, 'stack');
  if (source !== null && !isName(source)) return malformed('source');
  if (stack !== null && !isName(stack)) return malformed('stack');
  return reading({ kind: 'look', source, stack });
}
