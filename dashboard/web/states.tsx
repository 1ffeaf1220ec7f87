import type { JSX } from 'solid-js';
import type { ServiceStateBody, SyncStateBody } from '../../reconciler/model/generated/api.ts';

interface Look {
  readonly sign: string;
  readonly text: string;
  readonly tone: 'good' | 'busy' | 'bad' | 'quiet';
}

const syncLooks: Readonly<Record<ServiceStateBody['syncStatus'], Look>> = {
  synced: { sign: '✓', text: 'synced', tone: 'good' },
  outOfSync: { sign: '≠', text: 'out of sync', tone: 'bad' },
  unknown: { sign: '?', text: 'unknown', tone: 'quiet' },
};

const healthLooks: Readonly<Record<ServiceStateBody['health'], Look>> = {
  healthy: { sign: '●', text: 'healthy', tone: 'good' },
  progressing: { sign: '◐', text: 'progressing', tone: 'busy' },
  suspended: { sign: '‖', text: 'suspended', tone: 'quiet' },
  degraded: { sign: '▲', text: 'degraded', tone: 'bad' },
  missing: { sign: '○', text: 'missing', tone: 'bad' },
  unknown: { sign: '?', text: 'unknown', tone: 'quiet' },
};

const outcomeLooks: Readonly<Record<NonNullable<SyncStateBody['outcome']>, Look>> = {
  unchanged: { sign: '=', text: 'unchanged', tone: 'quiet' },
  succeeded: { sign: '✓', text: 'succeeded', tone: 'good' },
  partial: { sign: '▲', text: 'partial', tone: 'bad' },
  failed: { sign: '✗', text: 'failed', tone: 'bad' },
  waiting: { sign: '⏸', text: 'waiting', tone: 'busy' },
  denied: { sign: '⊘', text: 'denied', tone: 'bad' },
  invalid: { sign: '✗', text: 'invalid', tone: 'bad' },
  unknown: { sign: '?', text: 'unknown', tone: 'bad' },
  superseded: { sign: '»', text: 'superseded', tone: 'quiet' },
  cancelled: { sign: '‖', text: 'cancelled', tone: 'quiet' },
  interrupted: { sign: '⚡', text: 'interrupted', tone: 'bad' },
};

const running: Look = { sign: '◐', text: 'running', tone: 'busy' };

export function SyncMark(props: { readonly status: ServiceStateBody['syncStatus'] }): JSX.Element {
  return <Mark look={syncLooks[props.status]} />;
}

export function HealthMark(props: { readonly health: ServiceStateBody['health'] }): JSX.Element {
  return <Mark look={healthLooks[props.health]} />;
}

export function OutcomeMark(props: { readonly outcome: SyncStateBody['outcome'] }): JSX.Element {
  return <Mark look={props.outcome === null ? running : outcomeLooks[props.outcome]} />;
}

/** A sign and a word, so that nobody needs the colour. */
function Mark(props: { readonly look: Look }): JSX.Element {
  return (
    <span class={`mark-${props.look.tone}`}>
      <span aria-hidden="true">{props.look.sign}</span> {props.look.text}
    </span>
  );
}
