import { expect, test } from 'vitest';
import { addressed, commandIn } from '../../reconciler/terminal/command-name.ts';

test('a remedy names the command as it is called where it is read', () => {
  const remedy = 'Paused: sale. `plimsoll resume shop` ends it early. Plimsoll is `plimsoll`.';
  expect(addressed(remedy, commandIn({ npm_lifecycle_event: 'start' }))).toBe(
    'Paused: sale. `npm run --silent plimsoll -- resume shop` ends it early. Plimsoll is `plimsoll`.',
  );
  expect(addressed(remedy, commandIn({}))).toBe(remedy);
  expect(addressed(remedy, commandIn({ npm_lifecycle_event: 'test' }))).toBe(remedy);
});
