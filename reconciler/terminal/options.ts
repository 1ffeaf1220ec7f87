import type { OptionSpec } from './command.ts';

/** Options that several commands share, so that they mean the same everywhere. */
export const jsonOption = {
  json: { kind: 'flag', summary: 'print one JSON document instead of text' },
} as const satisfies Record<string, OptionSpec>;

export const configOption = {
  config: {
    kind: 'text',
    value: 'FILE',
    summary: "the operator's file; default PLIMSOLL_CONFIG, else ./plimsoll.yaml where there is one",
  },
} as const satisfies Record<string, OptionSpec>;

/** What `plan` and `apply` read, and how much of it. */
export const sourceOptions = {
  source: {
    kind: 'text',
    value: 'DIR_OR_URL',
    summary:
      "the repository to read; default the sources of the operator's file, else this directory's repository",
  },
  ref: { kind: 'text', value: 'REF', summary: 'branch, tag or commit; with --source, default its HEAD' },
  path: { kind: 'text', value: 'PATH', summary: 'directory inside the repository that holds the stacks' },
  stack: { kind: 'list', value: 'STACK', summary: 'only this stack; may be repeated' },
} as const satisfies Record<string, OptionSpec>;
