import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { requestReview } from '../../reconciler/sync/forge-work.ts';
import { listPullRequests } from '../../reconciler/sync/list-pull-requests.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';
import { startGithub, type StandInGithub } from '../support/github.ts';
import { runForgeWork } from '../support/loops.ts';
import { services } from '../support/manifest.ts';
import { createRepository, type FileContent } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const { web1, web2 } = inject('images');
const source = name('test');

interface Scene {
  readonly github: StandInGithub;
  readonly git: GitServer;
  readonly deployment: Deployment;
  /** As a webhook for this pull request, and everything that follows from it at the forge. */
  readonly hint: (number: number) => Promise<void>;
  readonly comment: () => string;
}

let scene: Scene | undefined;

afterEach(async () => {
  await scene?.deployment.close();
  await scene?.git.close();
  await scene?.github.close();
  const violations = scene?.github.violations ?? [];
  scene = undefined;
  expect(violations).toEqual([]);
});

/** A repository at a GitHub of its own, followed over HTTP, whose first commit is running. */
async function set(files: Readonly<Record<string, FileContent>>, policy = ''): Promise<Scene> {
  const directory = temporaryDirectory();
  const repository = createRepository(join(directory, 'acme', 'gitops.git'));
  repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  repository.commit(files);
  const git = await startGitServer(repository.path, { root: directory });
  const github = await startGithub({ repository });
  const configFile = join(directory, 'plimsoll.yaml');
  writeFileSync(
    configFile,
    `sources: [{ name: test, repository: "${git.url}" }]
forges:
  - { provider: github, url: "${github.url}", token: x, labels: true, deployments: true }
${policy}`,
  );
  const deployment = await createDeployment({ repository, address: git.url, configFile });
  const { world } = deployment;
  scene = {
    github,
    git,
    deployment,
    hint: async (number) => {
      await requestReview(world, { source, number });
      await runForgeWork(world);
    },
    comment: () => github.comments.at(-1)?.body ?? '',
  };
  await deployment.sync();
  await runForgeWork(world);
  return scene;
}

describe('a pull request', () => {
  test(
    'gets its plan as a comment, updated in place, is approved by a label, and is synced after its merge',
    { timeout: 120_000 },
    async () => {
      const data = { volumes: ['data:/data'] };
      const before = {
        ...services('shop', { web: { image: web1 }, db: { image: web1, ...data } }),
        'stacks/shop/stack.yaml': stackFile('volumes: { data: {} }'),
      };
      const { github, deployment, hint, comment } = await set(before);
      expect(deployment.story()).toContain('shop succeeded');

      const { number } = github.open(services('shop', { web: { image: web2 } }));
      await hint(number);
      expect(github.comments).toHaveLength(1);
      expect(comment()).toContain('#### What this pull request changes');
      expect(comment()).toContain('#### What will happen on merge');
      expect(comment().match(/! web: rolling, no downtime, because image changed/g)).toHaveLength(2);
      expect(github.checkRuns.at(-1)).toMatchObject({
        name: expect.stringMatching(/\/test$/),
        conclusion: 'success',
      });

      const head = github.push(number, {
        'stacks/shop/db.yaml': null,
        'stacks/shop/stack.yaml': stackFile(''),
      });
      await hint(number);
      expect(github.comments).toHaveLength(1);
      expect(comment()).toContain('- db: delete');
      expect(comment()).toContain('- volume data: data loss');
      expect(github.checkRuns.at(-1)).toMatchObject({ revision: head, conclusion: 'action_required' });
      expect(github.proposals.get(number)?.labels).toContain('plimsoll/data-loss');

      github.label(number, 'plimsoll/approve-DL101', 'ada');
      await hint(number);
      expect(comment()).toContain('**DL101** in shop was approved by `ada`');
      expect(github.checkRuns.at(-1)).toMatchObject({ revision: head, conclusion: 'success' });

      const merged = github.merge(number);
      await hint(number);
      await deployment.sync();
      await deployment.settle('shop');
      await runForgeWork(deployment.world);
      expect(await volumesOf(deployment)).toEqual([]);
      expect(github.statuses.findLast(({ revision }) => revision === merged)).toMatchObject({
        state: 'success',
        context: expect.stringContaining('sync/shop'),
      });
      const deployed = github.deployments.findLast(({ revision }) => revision === merged);
      expect(deployed?.states.at(-1)).toBe('success');
      const approved = (await deployment.history('shop')).find(({ approvals }) => approvals.length > 0);
      expect(approved?.approvals).toEqual([
        { code: 'DL101', by: 'ada', via: `#${number}, label plimsoll/approve-DL101` },
      ]);
    },
  );

  test(
    'from a fork shows nothing of what runs until a maintainer vouches for that very commit',
    { timeout: 60_000 },
    async () => {
      const { github, hint, comment } = await set(services('shop', { web: { image: web1 } }));
      const { number } = github.open(services('shop', { web: { image: web2 } }), { isFork: true });
      github.label(number, 'plimsoll/show-live', 'ada');
      await hint(number);
      expect(comment()).toContain('Not shown: this comes from a fork');
      expect(comment().match(/web: rolling/g)).toHaveLength(1);

      github.permissions.set('mallory', 'read');
      github.label(number, 'plimsoll/show-live', 'mallory');
      await hint(number);
      expect(comment()).toContain('Not shown: this comes from a fork');

      github.label(number, 'plimsoll/show-live', 'ada');
      await hint(number);
      expect(comment()).toContain('Against what runs, as of');

      github.push(number, services('shop', { web: { image: web2, environment: { A: 'b' } } }));
      await hint(number);
      expect(comment()).toContain('Not shown: this comes from a fork');
    },
  );

  test(
    'with mistakes has them as annotations on their lines, and the check fails',
    { timeout: 60_000 },
    async () => {
      const { github, hint, comment } = await set(services('shop', { web: { image: web1 } }));
      const { number } = github.open({
        'stacks/shop/web.yaml': `apiVersion: plimsoll.dev/v1\nkind: Service\nmetadata: { name: web }\nspec:\n  imag: ${web1}\n`,
      });
      await hint(number);
      expect(comment()).toContain('#### Problems in the manifests');
      const run = github.checkRuns.at(-1);
      expect(run).toMatchObject({ conclusion: 'failure' });
      expect(run?.annotations).toContainEqual(
        expect.objectContaining({ path: 'stacks/shop/web.yaml', start_line: 5 }),
      );
    },
  );

  test('that conflicts is shown as its head has it, and says so', { timeout: 60_000 }, async () => {
    const { github, hint, comment } = await set(services('shop', { web: { image: web1 } }));
    const { number } = github.open(services('shop', { web: { image: web2 } }));
    github.pushBase(services('shop', { web: { image: web1, environment: { A: 'b' } } }));
    await hint(number);
    expect(comment()).toContain('**It conflicts with its base** in `stacks/shop/web.yaml`');
    expect(comment()).toContain('web: rolling');
  });

  test(
    'is looked at again when its base moves, and costs no comment where that changes nothing for it',
    { timeout: 60_000 },
    async () => {
      const files = {
        ...services('shop', { web: { image: web1 } }),
        ...services('blog', { web: { image: web1 } }),
      };
      const { github, deployment, hint, comment } = await set(files);
      const { number } = github.open(services('shop', { web: { image: web2 } }));
      await hint(number);
      const first = comment();
      await hint(number);
      expect(comment()).toBe(first);
      expect(github.requests.filter((line) => line.startsWith('PATCH') && line.includes('comments'))).toEqual(
        [],
      );
      github.pushBase({ 'stacks/blog/web.yaml': null });
      await deployment.sync();
      await runForgeWork(deployment.world);
      expect(comment()).not.toBe(first);
      expect(github.comments).toHaveLength(1);
    },
  );

  test(
    'that no webhook told of is found in the list, and one that is gone from it is put away',
    { timeout: 60_000 },
    async () => {
      const { github, deployment, comment } = await set(services('shop', { web: { image: web1 } }));
      const { world } = deployment;
      const { signal } = new AbortController();
      const { number } = github.open(services('shop', { web: { image: web2 } }));
      await listPullRequests(world, source, signal);
      await runForgeWork(world);
      expect(comment()).toContain('web: rolling');
      const asked = github.requests.length;
      await listPullRequests(world, source, signal);
      await runForgeWork(world);
      expect(github.requests.slice(asked)).toEqual(['GET /repos/acme/gitops/pulls']);
      github.shut(number);
      await listPullRequests(world, source, signal);
      await runForgeWork(world);
      expect((await world.store.review(source, number))?.state).toBe('closed');
    },
  );

  test('while the forge is away waits, and is published when it is back', { timeout: 60_000 }, async () => {
    const { github, deployment, hint, comment } = await set(services('shop', { web: { image: web1 } }));
    const { world } = deployment;
    const { number } = github.open(services('shop', { web: { image: web2 } }));
    github.fail({
      status: 403,
      headers: { 'retry-after': '1' },
      message: 'secondary rate limit',
      on: 'issues',
      times: 1,
    });
    await expect(hint(number)).rejects.toMatchObject({ code: 'ForgeRateLimited' });
    expect(await world.store.review(source, number)).toMatchObject({ error: { code: 'ForgeRateLimited' } });
    await world.clock.sleep(1_100, new AbortController().signal);
    await runForgeWork(world);
    expect(comment()).toContain('web: rolling');
    expect(await world.store.review(source, number)).toMatchObject({
      error: null,
      title: expect.stringContaining('1 to change'),
    });
  });
});

function stackFile(spec: string): string {
  const lines = ['sync: { prune_volumes: true }', spec].filter((line) => line !== '');
  return `apiVersion: plimsoll.dev/v1\nkind: Stack\nmetadata: { name: shop }\nspec:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

async function volumesOf({ docker, world }: Deployment): Promise<readonly string[]> {
  const { Volumes } = await docker.listVolumes({
    filters: JSON.stringify({ label: [`dev.plimsoll.installation=${world.installation}`] }),
  });
  return Volumes.map(({ Name }) => Name);
}
