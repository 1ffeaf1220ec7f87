import type { Container } from '../model/generated/container.ts';
import { reservedLabelPrefix } from '../model/ids.ts';
import type { StackContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { readHealthcheck } from './health.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';
import { readRestart } from './resources.ts';
import type { Said } from './said.ts';
import { readSignal } from './signal.ts';
import { readTextMap, type MapOrList } from './text-map.ts';
import { splitWords } from './words.ts';

type ProcessField =
  | 'annotations'
  | 'command'
  | 'domainname'
  | 'entrypoint'
  | 'environment'
  | 'healthcheck'
  | 'hostname'
  | 'init'
  | 'labels'
  | 'logging'
  | 'restart'
  | 'runtime'
  | 'stdin_open'
  | 'stop_grace_period'
  | 'stop_signal'
  | 'tty'
  | 'user'
  | 'working_dir';

/** What runs, as whom, with what around it, and how it is kept running. */
export function readProcess(spec: Container, context: StackContext, place: Place): Pick<Said, ProcessField> {
  const { logging, stop_grace_period: grace } = spec;
  return {
    command: readCommand(spec.command, inside(place, 'command')),
    entrypoint: readCommand(spec.entrypoint, inside(place, 'entrypoint')),
    environment: readEnvironment(spec, context, place),
    user: spec.user === undefined ? undefined : String(spec.user),
    working_dir: spec.working_dir,
    hostname: spec.hostname,
    domainname: spec.domainname,
    labels: readLabels(spec.labels, inside(place, 'labels')),
    annotations: spec.annotations && readTextMap(spec.annotations, inside(place, 'annotations')),
    stdin_open: spec.stdin_open,
    tty: spec.tty,
    healthcheck: readHealthcheck(spec.healthcheck, inside(place, 'healthcheck')),
    restart: readRestart(spec, place),
    stop_signal:
      spec.stop_signal === undefined ? undefined : readSignal(spec.stop_signal, inside(place, 'stop_signal')),
    stop_grace_period:
      grace === undefined ? undefined : readDuration(grace, inside(place, 'stop_grace_period')),
    init: spec.init,
    logging: logging && {
      driver: logging.driver ?? '',
      options: readTextMap(logging.options, inside(place, 'logging', 'options')),
    },
    runtime: spec.runtime,
  };
}

function readCommand(command: Container['command'], place: Place): readonly string[] | undefined {
  if (command === undefined || command === null) return undefined;
  if (Array.isArray(command)) return command.map(String);
  const split = splitWords(command);
  if ('words' in split) return split.words;
  report(place, 'InvalidCommand', split.mistake);
  return [];
}

/** A person's labels; those with our prefix are for us to set. */
export function readLabels(
  labels: MapOrList | undefined,
  place: Place,
): Readonly<Record<string, string>> | undefined {
  if (labels === undefined) return undefined;
  const read = readTextMap(labels, place);
  const prefix = reservedLabelPrefix;
  for (const key of Object.keys(read)) {
    if (!key.startsWith(prefix)) continue;
    const why = `labels that begin with ${prefix} say what is ours`;
    report(place, 'ReservedLabel', `cannot set ${key}: ${why}. Choose another name.`);
  }
  return read;
}
