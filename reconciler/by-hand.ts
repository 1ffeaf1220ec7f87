import { chooseSources, type SourceChoice } from './choose-sources.ts';
import { parseAddress } from './git/address.ts';
import { SyncError } from './model/error.ts';
import type { PlanFile, PlannedSource } from './plan-file.ts';
import { planStacks, type PlanningOptions } from './planning.ts';
import { readSettings, type Settings } from './settings.ts';
import type { World } from './sync/world.ts';

/** What `plan` or `apply` was called with, as far as it says what is read. */
export interface ByHand {
  readonly options: SourceChoice & { readonly config: string | undefined };
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
}

/** The settings with the sources that the command line chose. */
export async function readSettingsByHand({ options, environment, directory }: ByHand): Promise<Settings> {
  const settings = await readSettings({ configFile: options.config, environment, directory });
  return { ...settings, sources: chooseSources(options, { configured: settings.sources, directory }) };
}

/** The settings with the sources of a plan file, each at the very revision that was planned. */
export async function readSettingsOf(file: PlanFile, byHand: ByHand): Promise<Settings> {
  const { environment, directory, options } = byHand;
  const settings = await readSettings({ configFile: options.config, environment, directory });
  const sources = file.sources.map((planned) => {
    const known = settings.sources.find((source) => source.name === planned.name);
    if (known !== undefined && addressOf(known.repository) !== planned.repository) {
      throw new SyncError(
        'PlanOutdated',
        `The source ${planned.name} is another repository than when the plan was made. Plan again.`,
      );
    }
    const repository = known?.repository ?? planned.repository;
    const credentials = known?.credentials ?? null;
    return {
      name: planned.name,
      repository,
      ref: planned.revision,
      path: planned.path,
      intervalMs: 60_000,
      engines: known?.engines ?? null,
      credentials,
    };
  });
  return { ...settings, sources };
}

/** Plans what was asked for, with where each part was read. The sources must have been read. */
export async function planByHand(
  world: World,
  settings: Settings,
  options: PlanningOptions,
): Promise<PlanFile> {
  const { plans, problems } = await planStacks(world, options);
  const sources = settings.sources.flatMap(({ name, repository, path }): readonly PlannedSource[] => {
    const view = world.views.get(name);
    return view === null
      ? []
      : [{ name, repository: addressOf(repository), path, revision: view.commit.revision }];
  });
  return { format: 1, sources, plans, problems };
}

function addressOf(repository: string): string {
  return parseAddress(repository).display;
}
