import { expect, test } from 'vitest';
import type { EngineChoice } from '../../reconciler/manifest/engine.ts';
import { name } from '../../reconciler/model/ids.ts';
import { loadTree, serviceManifest, stackManifest, type Tree } from './tree.ts';

const [here, berlin, paris] = [name('here'), name('berlin'), name('paris')];
const choice: EngineChoice = {
  configured: [here, berlin, paris],
  allowed: [here, berlin],
  byDefault: here,
};

function shop(engine: string | null): Tree {
  return {
    'stacks/shop/web.yaml': serviceManifest('image: app:1'),
    ...(engine !== null && { 'stacks/shop/stack.yaml': stackManifest(`engine: ${engine}`) }),
  };
}

function enginesOf(tree: Tree, engines?: EngineChoice): readonly (string | undefined)[] {
  return loadTree(tree, engines).stacks.map(({ stack }) => stack?.engine);
}

function problemsOf(tree: Tree, engines: EngineChoice): readonly string[] {
  return loadTree(tree, engines).problems;
}

test('a stack runs where it says, else where the operator says', () => {
  expect(enginesOf(shop('berlin'), choice)).toEqual(['berlin']);
  expect(enginesOf(shop(null), choice)).toEqual(['here']);
  expect(enginesOf({ 'stacks/blog/compose.yaml': project('berlin') }, choice)).toEqual(['berlin']);
});

test('where no operator is asked, any name is good, and the only engine is called default', () => {
  expect(enginesOf(shop('anywhere'))).toEqual(['anywhere']);
  expect(enginesOf(shop(null))).toEqual(['default']);
});

test('an engine that is unknown, forbidden or missing is told with its place and those that there are', () => {
  const at = 'stacks/shop/stack.yaml:4:11 spec.engine';
  expect(problemsOf(shop('berln'), choice)).toEqual([
    `${at}: names the engine "berln", which the operator's file does not have; did you mean "berlin"?`,
  ]);
  expect(problemsOf(shop('kitchen'), choice)).toEqual([
    `${at}: names the engine "kitchen", which the operator's file does not have. There is here or berlin.`,
  ]);
  expect(problemsOf(shop('paris'), choice)).toEqual([
    `${at}: names the engine paris, which the operator's file does not leave to this source. It may use here or berlin.`,
  ]);
  expect(problemsOf(shop(null), { ...choice, byDefault: null })).toEqual([
    "stacks/shop/web.yaml:1:1 spec.engine: should name the engine that the stack runs on, here or berlin: in stack.yaml, or under `x-plimsoll` in a Compose file. Or set `default_engine` in the operator's file.",
  ]);
});

test('a host port is taken on one engine only', () => {
  const both = (first: string, second: string): Tree => ({
    'stacks/blog/compose.yaml': project(first),
    'stacks/shop/compose.yaml': project(second),
  });
  expect(problemsOf(both('here', 'berlin'), choice)).toEqual([]);
  expect(problemsOf(both('berlin', 'berlin'), choice)).toEqual([
    'stacks/blog/compose.yaml:2:36 services.web.ports: wants the host port 8080/tcp, which web of the stack shop wants too. Choose another one.',
    'stacks/shop/compose.yaml:2:36 services.web.ports: wants the host port 8080/tcp, which web of the stack blog wants too. Choose another one.',
  ]);
});

function project(engine: string): string {
  return `x-plimsoll: { engine: ${engine} }\nservices: { web: { image: 'app:1', ports: ['8080:80'] } }\n`;
}
