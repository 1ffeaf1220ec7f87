import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { role } from '../../reconciler/store/embedded/cluster.ts';
import { asAdministrator } from '../store/open.ts';
import { describeQueue } from './contract.ts';
import { openAlone } from './alone.ts';

for (const server of inject('storeServers')) {
  describe(`on ${server.name}`, () => {
    const database = `queue_${randomBytes(6).toString('hex')}`;
    const url = `postgresql:///${database}?host=${dirname(server.socket)}&user=${role}`;
    beforeAll(() => asAdministrator(server, `create database ${database}`));
    afterAll(() => asAdministrator(server, `drop database ${database} with (force)`));
    describeQueue('the queue on Postgres', () => openAlone(url));
  });
}
