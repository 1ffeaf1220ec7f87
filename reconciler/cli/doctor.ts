import { defineCommand } from '../terminal/command.ts';
import { formatCheckups } from '../terminal/checkups.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { listenForStop } from '../terminal/stop.ts';

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'check configuration, engine, sources, store, disk and clock, and say what to do',
  positionals: [],
  options: { ...configOption, ...jsonOption },
  examples: [
    ['plimsoll doctor', 'with ./plimsoll.yaml where there is one'],
    ['plimsoll doctor --config /etc/plimsoll/plimsoll.yaml', 'for the service of this host'],
  ],
  exits: [
    [0, 'nothing keeps a sync from succeeding'],
    [1, 'something does; what to do was printed'],
  ],
  async run({ options, environment, directory, terminal }) {
    const [{ examineSettings }, { examine }] = await Promise.all([
      import('../settings.ts'),
      import('../doctor/examine.ts'),
    ]);
    const { signal } = listenForStop({ onFirst: () => {} });
    const reading = await examineSettings({ configFile: options.config, environment, directory });
    const checkups = await examine(reading, signal);
    terminal.print(
      options.json ? JSON.stringify({ checkups }, null, 2) : formatCheckups(checkups, terminal.paint),
    );
    return checkups.some(({ level }) => level === 'fail') ? 1 : 0;
  },
});
