import { defineCommand } from '../terminal/command.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { formatReviews } from '../terminal/reviews.ts';

export const reviewsCommand = defineCommand({
  name: 'reviews',
  summary: 'show what was published on pull requests, and what failed',
  positionals: [],
  options: {
    all: { kind: 'flag', summary: 'closed and merged ones too' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll reviews', 'the open ones'],
    ['plimsoll reviews --all --json', 'everything, for other tools'],
  ],
  exits: [
    [0, 'shown'],
    [1, 'neither a daemon nor a store could be asked'],
  ],
  async run({ terminal, ...asker }) {
    const { askOperator } = await import('../daemon-access.ts');
    const { options } = asker;
    const { reviews } = await askOperator(asker, { looksAround: false }, (operator) => operator.reviews());
    const chosen = options.all ? reviews : reviews.filter(({ state }) => state === 'open');
    terminal.print(
      options.json
        ? JSON.stringify({ reviews: chosen }, null, 2)
        : formatReviews(chosen, { paint: terminal.paint, now: Date.now() }),
    );
    return 0;
  },
});
