import type { Json, JsonRecord } from '../../reconciler/model/json.ts';
import { botLogin, type GithubComment, type GithubState } from './github-state.ts';
import { githubDescription } from './openapi.ts';
import type { Proposal } from './proposals.ts';

export interface RouteRequest {
  readonly values: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
}

interface RouteAnswer {
  readonly status: number;
  readonly body: Json;
}

type Route = (state: GithubState, request: RouteRequest) => RouteAnswer;

const notFound: RouteAnswer = { status: 404, body: { message: 'Not Found' } };
const forbidden: RouteAnswer = {
  status: 403,
  body: { message: 'Resource not accessible by personal access token' },
};

const hookRoutes: Readonly<Record<string, Route>> = {
  'get /repos/{owner}/{repo}/hooks': ({ hooks }) => {
    const [example] = listOf('hook-items').map(recordIn);
    return ok(hooks.map(({ id, url, isActive }) => ({ ...example, id, active: isActive, config: { url } })));
  },
  'get /repos/{owner}/{repo}/hooks/{hook_id}/deliveries': ({ hooks }, { values, query }) => {
    const hook = hooks.find(({ id }) => id === Number(values['hook_id']));
    if (hook === undefined) return notFound;
    const [example] = listOf('hook-delivery-items').map(recordIn);
    const items = pageOf(hook.attempts, query).map(({ id, guid, event, status, at }) =>
      Object.assign({}, example, { id, guid, event, status_code: status, delivered_at: instant(at) }),
    );
    return ok(items);
  },
  'post /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts': (state, { values }) => {
    state.redelivered.push(Number(values['delivery_id']));
    return { status: 202, body: {} };
  },
};

/** By method and template of GitHub's description. Bodies are its own examples with what the test made put in. */
export const githubRoutes: Readonly<Record<string, Route>> = {
  ...hookRoutes,
  'get /user': () =>
    ok({
      ...exampleRecord('private-user-response-with-public-and-private-profile-information'),
      login: botLogin,
    }),
  'get /app': () => ok({ ...exampleRecord('integration'), slug: 'plimsoll' }),
  'get /repos/{owner}/{repo}/installation': () => ok(exampleRecord('installation')),
  'post /app/installations/{installation_id}/access_tokens': () => ({
    status: 201,
    body: { token: 'ghs_standin', expires_at: '2036-01-01T00:00:00Z', permissions: { checks: 'write' } },
  }),
  'get /repos/{owner}/{repo}/pulls': (state, { query }) => {
    const open = [...state.proposals.values()].filter((proposal) => proposal.state === 'open');
    return ok(
      pageOf(open, query).map((proposal) => pullRequest(state, proposal, 'pull-request-simple-items')),
    );
  },
  'get /repos/{owner}/{repo}/pulls/{pull_number}': (state, { values }) => {
    const proposal = state.proposals.get(Number(values['pull_number']));
    return proposal === undefined ? notFound : ok(pullRequest(state, proposal, 'pull-request'));
  },
  'get /repos/{owner}/{repo}/compare/{basehead}': (state, { values }) => {
    const head = values['basehead']?.split('...')[1];
    const proposal = [...state.proposals.values()].find((one) => one.head === head);
    if (proposal === undefined) return notFound;
    const example = exampleRecord('commit-comparison');
    const commit = { ...recordIn(example['merge_base_commit']), sha: state.mergeBase(proposal) };
    return ok({ ...example, merge_base_commit: commit });
  },
  'get /repos/{owner}/{repo}/issues/{issue_number}/comments': (state, { values, query }) => {
    const own = state.comments.filter(({ issue }) => issue === Number(values['issue_number']));
    return ok(pageOf(own, query).map(comment));
  },
  'post /repos/{owner}/{repo}/issues/{issue_number}/comments': (state, { values, body }) => {
    const made = {
      id: state.nextId(),
      issue: Number(values['issue_number']),
      author: botLogin,
      body: textIn(body, 'body'),
    };
    state.comments.push(made);
    touch(state, made.issue);
    return { status: 201, body: comment(made) };
  },
  'get /repos/{owner}/{repo}/issues/comments/{comment_id}': (state, { values }) => {
    const found = state.comments.find(({ id }) => id === Number(values['comment_id']));
    return found === undefined ? notFound : ok(comment(found));
  },
  'patch /repos/{owner}/{repo}/issues/comments/{comment_id}': (state, { values, body }) => {
    const found = state.comments.find(({ id }) => id === Number(values['comment_id']));
    if (found === undefined) return notFound;
    found.body = textIn(body, 'body');
    touch(state, found.issue);
    return ok(comment(found));
  },
  'post /repos/{owner}/{repo}/check-runs': (state, { body }) => {
    if (!state.mayCheck) return forbidden;
    const said = recordIn(body);
    const output = recordIn(said['output']);
    const run = {
      id: state.nextId(),
      name: textIn(said, 'name'),
      revision: textIn(said, 'head_sha'),
      conclusion: textIn(said, 'conclusion'),
      title: textIn(output, 'title'),
      summary: textIn(output, 'summary'),
      at: state.tick(),
      annotationBatches: [] as number[],
      annotations: [] as GithubState['checkRuns'][number]['annotations'],
    };
    state.checkRuns.push(run);
    addAnnotations(run, output);
    return { status: 201, body: checkRun(run) };
  },
  'patch /repos/{owner}/{repo}/check-runs/{check_run_id}': (state, { values, body }) => {
    const run = state.checkRuns.find(({ id }) => id === Number(values['check_run_id']));
    if (run === undefined) return notFound;
    addAnnotations(run, recordIn(recordIn(body)['output']));
    return ok(checkRun(run));
  },
  'post /repos/{owner}/{repo}/statuses/{sha}': (state, { values, body }) => {
    const said = recordIn(body);
    state.statuses.push({
      revision: values['sha'] ?? '',
      state: textIn(said, 'state'),
      context: textIn(said, 'context'),
      description: textIn(said, 'description'),
    });
    return { status: 201, body: { ...exampleRecord('status'), ...said, created_at: instant(state.tick()) } };
  },
  'get /repos/{owner}/{repo}/issues/{issue_number}/events': (state, { values, query }) => {
    const own = state.labelEvents.filter(({ issue }) => issue === Number(values['issue_number']));
    const [example] = listOf('issue-event-for-issue-items');
    return ok(
      pageOf(own, query).map(({ id, label, by, at }) =>
        Object.assign({}, recordIn(example), {
          id,
          event: 'labeled',
          actor: user(by),
          label: { name: label, color: 'ededed' },
          created_at: instant(at),
        }),
      ),
    );
  },
  'get /repos/{owner}/{repo}/collaborators/{username}/permission': (state, { values }) => {
    const permission = state.permissions.get(values['username'] ?? '');
    if (permission === undefined) return notFound;
    const example = exampleRecord(
      'repository-collaborator-permission-response-if-user-has-admin-permissions',
    );
    const who = { ...recordIn(example['user']), role_name: permission };
    return ok({ ...example, permission, role_name: permission, user: who });
  },
  'post /repos/{owner}/{repo}/issues/{issue_number}/labels': (state, { values, body }) => {
    const names = recordIn(body)['labels'];
    for (const name of Array.isArray(names) ? names : []) {
      if (typeof name === 'string') state.label(Number(values['issue_number']), name, botLogin);
    }
    return ok(listOf('label-items'));
  },
  'delete /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': (state, { values }) => {
    const proposal = state.proposals.get(Number(values['issue_number']));
    if (proposal === undefined || !proposal.labels.includes(values['name'] ?? '')) return notFound;
    proposal.labels = proposal.labels.filter((label) => label !== values['name']);
    return ok(listOf('label-items-2'));
  },
  'post /repos/{owner}/{repo}/deployments': (state, { body }) => {
    const said = recordIn(body);
    const id = state.nextId();
    state.deployments.push({
      id,
      revision: textIn(said, 'ref'),
      environment: textIn(said, 'environment'),
      states: [],
    });
    return { status: 201, body: { ...exampleRecord('deployment-simple-example'), id } };
  },
  'post /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (state, { values, body }) => {
    const found = state.deployments.find(({ id }) => id === Number(values['deployment_id']));
    if (found === undefined) return notFound;
    found.states.push(textIn(body, 'state'));
    return { status: 201, body: exampleRecord('deployment-status') };
  },
};

function ok(body: Json): RouteAnswer {
  return { status: 200, body };
}

function exampleRecord(name: string): JsonRecord {
  return recordIn(githubDescription().example(name));
}

function listOf(name: string): readonly Json[] {
  const value = githubDescription().example(name);
  return Array.isArray(value) ? value : [];
}

function recordIn(value: Json | undefined): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
}

function textIn(value: Json | undefined, key: string): string {
  const text = recordIn(value)[key];
  return typeof text === 'string' ? text : '';
}

function pageOf<Item>(items: readonly Item[], query: URLSearchParams): readonly Item[] {
  const size = Number(query.get('per_page') ?? 30);
  const page = Number(query.get('page') ?? 1);
  return items.slice((page - 1) * size, page * size);
}

function touch(state: GithubState, number: number): void {
  const proposal = state.proposals.get(number);
  if (proposal !== undefined) proposal.updatedAt = state.tick();
}

function pullRequest(state: GithubState, proposal: Proposal, example: string): Json {
  const value = githubDescription().example(example);
  const shape = recordIn(Array.isArray(value) ? (value as readonly Json[])[0] : value);
  const [head, base] = [recordIn(shape['head']), recordIn(shape['base'])];
  const repository = { ...recordIn(base['repo']), id: 1, default_branch: 'main' };
  const fork = { ...repository, id: 2 };
  const isFull = example === 'pull-request';
  return {
    ...shape,
    number: proposal.number,
    state: proposal.state,
    html_url: `https://github.example.com/acme/gitops/pull/${proposal.number}`,
    updated_at: instant(proposal.updatedAt),
    head: { ...head, sha: proposal.head, ref: proposal.branch, repo: proposal.isFork ? fork : repository },
    base: {
      ...base,
      sha: state.repository.git('rev-parse', 'refs/heads/main'),
      ref: 'main',
      repo: repository,
    },
    labels: proposal.labels.map((name) => Object.assign({}, recordIn(listOf('label-items')[0]), { name })),
    merge_commit_sha: proposal.mergedAs,
    requested_teams: [],
    ...(isFull && {
      merged: proposal.mergedAs !== null,
      mergeable: proposal.state === 'open' ? state.isMergeable(proposal) : null,
    }),
  };
}

function comment({ id, body, author }: GithubComment): Json {
  const html = `https://github.example.com/acme/gitops/issues/1#issuecomment-${id}`;
  return { ...exampleRecord('issue-comment'), id, body, user: user(author), html_url: html };
}

function user(login: string): Json {
  return { ...recordIn(exampleRecord('issue-comment')['user']), login };
}

type Run = GithubState['checkRuns'][number];

function addAnnotations(run: Run, output: JsonRecord): void {
  const { annotations } = output;
  if (!Array.isArray(annotations)) return;
  run.annotationBatches.push(annotations.length);
  run.annotations.push(...(annotations as readonly Json[] as Run['annotations']));
}

function checkRun({ id, name, revision, conclusion, at }: Run): Json {
  const example = exampleRecord('check-run-example-of-completed-conclusion');
  return {
    ...example,
    id,
    name,
    head_sha: revision,
    conclusion,
    status: 'completed',
    completed_at: instant(at),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
