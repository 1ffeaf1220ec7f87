import type { ConfigFile, ConfigReaction } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { ContainerChange, Reading } from './compare.ts';
import type { Difference } from './difference.ts';

/**
 * What carries a config file that differs to a container: writing it and telling the process, where the manifest says how
 * and the container was made for it. A job runs anew for each version of it, whatever a file says.
 */
export function mendOfConfig(
  { path, from }: Difference,
  { liveConfigs }: ObservedContainer,
  service: DesiredService,
): ContainerChange['mend'] {
  const file = Object.keys(liveConfigs).find((live) => path.startsWith(`configs.${live}.`));
  const reaction = file === undefined ? undefined : service.reactions[file];
  return reaction === undefined || from === undefined || service.lifecycle === 'job'
    ? 'replace'
    : reaction.kind;
}

/** Files that were written before a sync was interrupted: whether the process was told of them, nobody knows. */
export function untoldConfigs(
  { liveConfigs }: ObservedContainer,
  { container, reactions }: DesiredService,
): readonly ContainerChange[] {
  return Object.keys(liveConfigs)
    .filter((path) => liveConfigs[path] === 'untold' && container.configs?.[path] !== undefined)
    .sort()
    .map((path) => ({
      path: `configs.${path}.reaction`,
      from: 'outstanding',
      to: 'done',
      cause: { kind: 'unfinished' },
      mend: reactions[path]?.kind ?? 'restart',
      isActing: true,
    }));
}

/** The files that are written while the container lives, as its service wants them. */
export function configsToWrite({
  expected,
  changes,
  container,
}: Reading): Readonly<Record<string, ConfigFile>> {
  const acting = changes.filter(
    ({ path, mend, isActing }) => isActing && isTold(mend) && path.startsWith('configs.'),
  );
  const entries = Object.entries(expected.configs).filter(
    ([path]) =>
      path in container.liveConfigs && acting.some((change) => change.path.startsWith(`configs.${path}.`)),
  );
  return Object.fromEntries(entries);
}

/** Signals of the files that are written, each once. */
export function signalsFor(
  paths: readonly string[],
  reactions: Readonly<Record<string, ConfigReaction>>,
): readonly string[] {
  const signals = paths.flatMap((path) => {
    const reaction = reactions[path];
    return reaction?.kind === 'signal' ? [reaction.signal] : [];
  });
  return [...new Set(signals)].sort();
}

function isTold(mend: ContainerChange['mend']): boolean {
  return mend === 'restart' || mend === 'signal';
}
