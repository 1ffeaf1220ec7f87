import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { name, specHash } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { describeOnServers } from './open.ts';
import { freshStack, sampleBegin, sampleCommit, sampleFinish, samplePlan, sampleService } from './samples.ts';

/** What a hostile repository can put into a commit message, and how it is shown. */
const hostile = [
  ['a\0b', 'a\u{fffd}b'],
  ['\\u0000 and \\\\u0000', '\\u0000 and \\\\u0000'],
  ['lone \ud800 surrogate \udc00', 'lone \u{fffd} surrogate \u{fffd}'],
  ["'; drop table plimsoll.syncs; --", "'; drop table plimsoll.syncs; --"],
  ['{"a":[1,"}', '{"a":[1,"}'],
  ['\r\n\t\u001b[31m\u2028\u202e', '\r\n\t\u001b[31m\u2028\u202e'],
  ['🚢 ﷽ \u{10ffff}', '🚢 ﷽ \u{10ffff}'],
  ['$1 ${x} %s ?', '$1 ${x} %s ?'],
] as const;

describeOnServers(({ store, sql }) => {
  test('no text of a commit breaks a write; only what Postgres cannot hold is replaced', async () => {
    for (const [text, shown] of hostile) {
      const stack = freshStack();
      const commit = { ...sampleCommit(text), author: text };
      const id = await store.beginSync({ ...sampleBegin(stack), to: commit });
      expect(await store.sync(id)).toMatchObject({ to: { author: shown, message: shown } });
      const problems = [{ code: 'UnknownKey', file: text, line: 1, column: 1, path: text, message: text }];
      await store.finishSync(
        id,
        sampleFinish({ summary: text, error: { code: 'JobFailed', message: text }, problems, to: commit }),
      );
      expect(await store.sync(id)).toMatchObject({
        to: { message: shown },
        summary: shown,
        error: { message: shown },
        problems: [{ file: shown, path: shown, message: shown }],
      });
    }
  });

  test('no text of a plan, a key included, breaks a write', async () => {
    for (const [text, shown] of hostile) {
      const stack = freshStack();
      const id = await store.beginSync(sampleBegin(stack));
      const plan = {
        ...samplePlan(stack, []),
        findings: [
          {
            code: 'X',
            level: 'info' as const,
            resource: { kind: 'stack' as const },
            message: text,
            remedy: '',
          },
        ],
      };
      await store.recordPlan(id, {
        ...plan,
        changes: [
          {
            ...samplePlan(stack, ['web']).changes[0]!,
            kind: 'modify',
            path: 'x',
            from: { [text]: text },
            to: [text],
          },
        ],
      });
      expect((await store.sync(id))?.plan).toMatchObject({
        findings: [{ message: shown }],
        changes: [{ from: { [shown]: shown }, to: [shown] }],
      });
      await store.recordEvent(id, { kind: 'stepProgress', at: 1, step: text, message: text });
      expect(await store.events(id)).toEqual([{ kind: 'stepProgress', at: 1, step: shown, message: shown }]);
    }
  });

  test('hostile text reaches holds, statuses and stable versions unharmed', async () => {
    for (const [text, shown] of hostile) {
      const stack = freshStack();
      await store.recordHold({ kind: 'freeze', stack, why: text, since: 1, until: 2 });
      expect(await store.holds(stack)).toMatchObject([{ why: shown }]);
      const definition = { ...sampleService('web'), owner: text };
      await store.recordStable(
        stack,
        [
          {
            service: name('web'),
            hash: specHash(`v1:${'0'.repeat(64)}`),
            revision: null,
            definition,
            digest: text,
          },
        ],
        1,
      );
      expect(await store.stableServices(stack)).toMatchObject([
        { definition: { owner: shown }, digest: shown },
      ]);
    }
  });

  test('any JSON value that JSON itself keeps comes back exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
        fc.pre(!JSON.stringify(value).includes('\\u0000'));
        const stack = freshStack();
        const id = await store.beginSync(sampleBegin(stack));
        const change = {
          ...samplePlan(stack, ['web']).changes[0]!,
          kind: 'modify' as const,
          path: 'x',
          from: value,
          to: value,
        };
        await store.recordPlan(id, { ...samplePlan(stack, []), changes: [change] });
        const kept = JSON.parse(JSON.stringify(value)) as unknown;
        expect((await store.sync(id))?.plan?.changes).toMatchObject([{ from: kept, to: kept }]);
      }),
      { numRuns: 200 },
    );
  });

  test('a secret is stored as its placeholder only, wherever it hides', async () => {
    const canary = `canary-${crypto.randomUUID()}`;
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    const smuggled = JSON.parse('{}') as { value?: unknown };
    smuggled.value = new Secret(canary);
    await store.recordPlan(id, { ...samplePlan(stack, ['web']), ...smuggled });
    await store.finishSync(id, sampleFinish({ summary: `It is ${String(new Secret(canary))}.` }));
    expect(JSON.stringify(await store.sync(id))).toContain('[secret]');
    const [row] = await sql<
      { text: string }[]
    >`select row_to_json(syncs)::text as text from plimsoll.syncs where id = ${id}`;
    expect(row?.text).toContain('[secret]');
    expect(row?.text).not.toContain(canary);
  });
});
