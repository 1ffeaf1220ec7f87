import type { JSX } from 'solid-js';
import type { CauseBody, ChangeBody, CommitBody } from '../../reconciler/model/generated/api.ts';

/** A value as a person would write it. */
export function Value(props: { readonly of: unknown }): JSX.Element {
  return <code class="value">{formatValue(props.of)}</code>;
}

function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A commit's short id and the first line of its message. */
export function CommitLine(props: { readonly commit: CommitBody }): JSX.Element {
  return (
    <span class="commit">
      <code title={props.commit.revision}>{shortRevision(props.commit.revision)}</code>{' '}
      {props.commit.message.split('\n')[0]} <small>by {nameOf(props.commit.author)}</small>
    </span>
  );
}

/** Without the mail address. */
function nameOf(author: string): string {
  return author.replace(/ *<[^>]*>$/, '') || author;
}

export function shortRevision(revision: string | null): string {
  return revision === null ? '—' : revision.slice(0, 7);
}

const causes: Readonly<Record<CauseBody['kind'], string>> = {
  commit: 'Git asks for it',
  drift: 'it moved without a commit',
  image: 'the image moved',
  dependency: 'because of',
  unfinished: 'left by an interrupted sync',
};

export function formatCause({ kind, service }: CauseBody): string {
  return service === null ? causes[kind] : `${causes[kind]} ${service}`;
}

const classes: Readonly<Record<ChangeBody['class'], string>> = {
  create: 'create',
  inPlace: 'in place',
  rolling: 'rolling',
  recreate: 'recreate',
  delete: 'delete',
  dataLoss: 'data loss',
};

export function formatClass(of: string): string {
  return of in classes ? classes[of as ChangeBody['class']] : of;
}
