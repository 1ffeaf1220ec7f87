import { formatResource } from '../model/change.ts';
import type { Decision } from '../model/plan.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';

/** `web replaced: image changed acme/web:1.4.1 -> acme/web:1.4.2`, one line a decision that changes or withholds something. */
export function formatDecisions(decisions: readonly Decision[], paint: Paint): readonly string[] {
  return decisions
    .filter(({ verdict }) => verdict !== 'unchanged')
    .map((decision) => {
      const { word, colour } = verdicts[decision.verdict];
      const name = formatResource(decision.resource);
      return `${name} ${paint[colour](word)}: ${singleLine(decision.because)}`;
    });
}

type Colour = 'green' | 'yellow' | 'red' | 'dim';

const verdicts: Readonly<Record<Decision['verdict'], { readonly word: string; readonly colour: Colour }>> = {
  create: { word: 'created', colour: 'green' },
  inPlace: { word: 'updated in place', colour: 'yellow' },
  rolling: { word: 'replaced without a gap', colour: 'yellow' },
  recreate: { word: 'recreated', colour: 'yellow' },
  delete: { word: 'removed', colour: 'red' },
  dataLoss: { word: 'removed with its data', colour: 'red' },
  unchanged: { word: 'unchanged', colour: 'dim' },
  held: { word: 'held', colour: 'yellow' },
  ignored: { word: 'ignored', colour: 'dim' },
  blocked: { word: 'blocked', colour: 'red' },
};
