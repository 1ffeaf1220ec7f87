import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mountPages } from '../../dashboard/server/pages.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let server: FastifyInstance;

beforeAll(async () => {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<title>pages</title>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'render()');
  writeFileSync(join(folder, 'secret.txt'), 'not for anybody');
  server = fastify();
  await server.register((scope) => mountPages(scope, folder));
});

afterAll(() => server.close());

test('every page that the program in the page knows can be opened by its address', async () => {
  const app = readFileSync('dashboard/web/app.tsx', 'utf8');
  const known = [...app.matchAll(/<Route path="([^"*]+)"/g)].map(([, path = '']) => path);
  expect(known.length).toBeGreaterThan(5);
  for (const path of known) {
    const response = await server.inject({ url: path.replaceAll(/:\w+/g, 'some') });
    expect([path, response.statusCode, response.body]).toEqual([path, 200, '<title>pages</title>']);
    expect(response.headers['cache-control']).toBe('no-cache');
  }
});

test('nothing is run that is not a file of ours, and no other page may hold it in a frame', async () => {
  const { headers } = await server.inject({ url: '/' });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|data:/);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
});

test('what is named by its content is kept for ever', async () => {
  const { headers, body } = await server.inject({ url: '/assets/index-abc.js' });
  expect([body, headers['cache-control']]).toEqual(['render()', 'public, max-age=31536000, immutable']);
});

test.each([
  '/secret.txt',
  '/assets/../secret.txt',
  '/assets/..%2Fsecret.txt',
  '/assets/%2e%2e/secret.txt',
  '/assets/',
])('%s is not to be had', async (url) => {
  const { statusCode, body } = await server.inject({ url });
  expect(statusCode).toBeGreaterThanOrEqual(400);
  expect(body).not.toContain('not for anybody');
});
