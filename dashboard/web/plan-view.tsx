import { For, Show, type JSX } from 'solid-js';
import type { PlanBody, StepBody } from '../../reconciler/model/generated/api.ts';
import { formatDuration } from './time.tsx';
import { formatCause, formatClass, Value } from './values.tsx';

/** A plan: what is decided, field by field, with its risks and, once it was applied, each step. */
export function PlanView(props: { readonly plan: PlanBody }): JSX.Element {
  const decided = (): PlanBody['decisions'] =>
    props.plan.decisions.filter(({ verdict }) => verdict !== 'unchanged');
  return (
    <>
      <Show when={decided().length > 0} fallback={<p>Nothing to do.</p>}>
        <table>
          <caption>Decisions</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">How</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            <For each={decided()}>
              {({ resource, verdict, because, downtime }) => (
                <tr>
                  <th scope="row">{resource}</th>
                  <td class={`class-${verdict}`}>{formatClass(verdict)}</td>
                  <td>
                    {because}
                    <Show when={downtime}>
                      {(reason) => <div class="downtime">away for a moment: {reason()}</div>}
                    </Show>
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
      <Changes of={props.plan.changes} />
      <Findings of={props.plan.findings} />
      <Show when={props.plan.steps.length > 0}>
        <Steps of={props.plan.steps} />
      </Show>
    </>
  );
}

function Changes(props: { readonly of: PlanBody['changes'] }): JSX.Element {
  const fields = (): PlanBody['changes'] => props.of.filter(({ path }) => path !== null);
  return (
    <Show when={fields().length > 0}>
      <table>
        <caption>Field by field</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Field</th>
            <th scope="col">Runs</th>
            <th scope="col">Should be</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          <For each={fields()}>
            {({ resource, path, from, to, cause }) => (
              <tr>
                <th scope="row">{resource}</th>
                <td>
                  <code>{path}</code>
                </td>
                <td>
                  <Value of={from} />
                </td>
                <td>
                  <Value of={to} />
                </td>
                <td>{formatCause(cause)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  );
}

function Findings(props: { readonly of: PlanBody['findings'] }): JSX.Element {
  return (
    <Show when={props.of.length > 0}>
      <h3>Findings</h3>
      <ul class="findings">
        <For each={props.of}>
          {({ code, level, message, remedy }) => (
            <li class={`level-${level}`}>
              <code>{code}</code> <b>{level}</b> {message} <span class="remedy">{remedy}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

function Steps(props: { readonly of: readonly StepBody[] }): JSX.Element {
  return (
    <table>
      <caption>Steps</caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">After</th>
          <th scope="col">Outcome</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(step) => (
            <tr>
              <th scope="row">{step.id}</th>
              <td>{step.after.join(', ')}</td>
              <td class={`step-${step.status}`}>
                {step.status ?? 'not begun'} {step.reason}
                <Show when={step.error}>{(error) => <div class="downtime">{error().message}</div>}</Show>
              </td>
              <td>{durationOf(step)}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

function durationOf({ startedAt, finishedAt }: StepBody): string {
  return startedAt === null || finishedAt === null ? '' : formatDuration(finishedAt - startedAt);
}
