import type { Kind } from '../manifest/schema.ts';
import { SyncError } from '../model/error.ts';
import { nearest } from '../model/nearest.ts';
import { defineCommand } from '../terminal/command.ts';

export const schemaCommand = defineCommand({
  name: 'schema',
  summary: 'print a JSON Schema, for editors and other tools',
  positionals: ['[KIND]'],
  options: {},
  examples: [
    ['plimsoll schema', 'the kinds that there are'],
    ['plimsoll schema service > service.schema.json', 'everything that a service may say, in one file'],
  ],
  exits: [
    [0, 'printed'],
    [1, 'no such kind'],
  ],
  async run({ positionals: [kind], terminal }) {
    const { kinds, schemaText } = await import('../manifest/schema.ts');
    terminal.print(kind === undefined ? kinds.join('\n') : schemaText(kindOf(kind, kinds)).trimEnd());
    return 0;
  },
});

function kindOf(text: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find((one) => one === text.toLowerCase());
  if (kind !== undefined) return kind;
  const near = nearest(text, kinds);
  const advice = near === null ? `There are: ${kinds.join(', ')}.` : `Did you mean ${near}?`;
  throw new SyncError('FileUnusable', `There is no schema of the kind "${text}". ${advice}`);
}
