import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from '../reconciler/model/json.ts';
import type { Provider, Receiver } from '../reconciler/model/receiver.ts';
import type { Secret } from '../reconciler/model/secret.ts';
import { bitbucket } from './bitbucket.ts';
import { dockerHub } from './docker-hub.ts';
import { generic } from './generic.ts';
import { forgejo, gitea } from './gitea.ts';
import { ghcr, github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { harbor } from './harbor.ts';
import type { Reading } from './payload.ts';
import type { Proof, Verdict } from './proof.ts';
import { registry } from './registry.ts';

/** How one kind of sender proves itself, numbers its deliveries and says what happened. */
export interface Protocol {
  /** Called before the body is read, and again with it when that needs it. */
  prove(proof: Proof, secrets: readonly Secret[]): Verdict | Promise<Verdict>;
  /** The sender's id of the delivery, the same when it is sent again; empty where it gives none. */
  deliveryOf(headers: IncomingHttpHeaders): string;
  /** The sender's word for what happened. */
  eventOf(headers: IncomingHttpHeaders, payload: Json): string;
  read(event: string, payload: Json, receiver: Receiver): Reading;
}

export const protocols: Readonly<Record<Provider, Protocol>> = {
  github,
  gitlab,
  gitea,
  forgejo,
  bitbucket,
  generic,
  registry,
  dockerhub: dockerHub,
  ghcr,
  harbor,
};
