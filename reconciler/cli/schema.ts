import { authoredKinds, readSchema } from '../schema-files.ts';
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
    if (kind === undefined) {
      terminal.print(authoredKinds.join('\n'));
      return 0;
    }
    terminal.print(JSON.stringify(await readSchema(kind.toLowerCase()), null, 2));
    return 0;
  },
});
