import type { ContainerIntent, ContainerSpec, Logging, Mount } from '../model/container.ts';
import { reservedLabelPrefix } from '../model/ids.ts';

/**
 * Whether a person said something earlier that is no longer said; also true when the version that the container was
 * made from is unknown although Git moved. False proves that what is there beyond the intent is the engine's own.
 */
export type WasSaid = (read: (intent: ContainerIntent) => unknown) => boolean;

type Entries<Value> = Readonly<Record<string, Value>>;

/** An anonymous volume gets a random name of this form, also when it is carried over to a newcomer by name. */
const anonymousName = /^[0-9a-f]{64}$/;

/**
 * Grants an anonymous volume its name, a bind mount the engine's propagation where nobody chose one, and an anonymous
 * volume that nobody asked for: it was carried over from a predecessor whose image had it.
 */
export function grantMounts(
  expected: Entries<Mount>,
  observed: Entries<Mount>,
  wasSaid: WasSaid,
): Entries<Mount> {
  const granted = Object.entries(expected).map(([target, mount]) => [
    target,
    grantMount(mount, observed[target]),
  ]);
  return withExtras(Object.fromEntries(granted), observed, (target) => {
    return isAnonymous(observed[target]) && !wasSaid((intent) => intent.mounts?.[target]);
  });
}

function isAnonymous(mount: Mount | undefined): boolean {
  return mount?.type === 'volume' && (mount.source === '' || anonymousName.test(mount.source));
}

function grantMount(expected: Mount, observed: Mount | undefined): Mount {
  if (expected.type === 'volume' && observed?.type === 'volume') {
    return expected.source === '' && isAnonymous(observed)
      ? { ...expected, source: observed.source, nocopy: observed.nocopy }
      : expected;
  }
  if (expected.type === 'bind' && observed?.type === 'bind' && expected.propagation === '') {
    return { ...expected, propagation: observed.propagation };
  }
  return expected;
}

/**
 * Docker Desktop labels containers with their bind mounts, and our own labels are no part of the spec. Labels cannot
 * be changed on a container, so nothing is missed.
 */
export function grantLabels(expected: Entries<string>, observed: Entries<string>): Entries<string> {
  return withExtras(expected, observed, (label) => {
    return label.startsWith('desktop.docker.io/') || label.startsWith(reservedLabelPrefix);
  });
}

/** The engine adds the options of its own default log driver (moby `daemon/logs.go` mergeAndVerifyLogConfig). */
export function grantLogging(expected: Logging, observed: Logging, wasSaid: WasSaid): Logging {
  if (expected.driver !== observed.driver) return expected;
  const options = withExtras(expected.options, observed.options, (option) => {
    return !wasSaid((intent) => intent.logging?.options[option]);
  });
  return { driver: expected.driver, options };
}

/** `inspect` shows the engine's default limits among the container's own (moby `daemon/inspect.go` mergeUlimits). */
export function grantUlimits(
  expected: ContainerSpec['ulimits'],
  observed: ContainerSpec['ulimits'],
  wasSaid: WasSaid,
): ContainerSpec['ulimits'] {
  return withExtras(expected, observed, (limit) => !wasSaid((intent) => intent.ulimits?.[limit]));
}

/**
 * The engine labels the process of a container that is privileged or shares a host or foreign namespace, unless a
 * label was asked for (moby `daemon/create.go` generateSecurityOpt).
 */
export function grantSecurityOptions(
  expected: readonly string[],
  observed: readonly string[],
): readonly string[] {
  const added = expected.some(isProcessLabel) ? [] : observed.filter(isProcessLabel);
  return [...expected, ...added].sort();
}

function isProcessLabel(option: string): boolean {
  return /^label[:=]/.test(option);
}

/** Since 27 the engine moves the settings of one interface from the container to its network attachment. */
export function grantSysctls(expected: Entries<string>, observed: Entries<string>): Entries<string> {
  const isKept = (key: string): boolean =>
    key in observed || !/^net\.(ipv4|ipv6|mpls)\.\w+\.eth\d+\./.test(key);
  return Object.fromEntries(Object.entries(expected).filter(([key]) => isKept(key)));
}

/** The engine keeps whole seconds. */
export function grantWholeSeconds(expected: number, observed: number): number {
  return Math.abs(expected - observed) < 1_000 ? observed : expected;
}

/** The engine keeps billionths of a core, which a decimal fraction need not hit. */
export function grantCores(expected: number | null, observed: number | null): number | null {
  if (expected === null || observed === null) return expected;
  return Math.abs(expected - observed) < 1e-8 ? observed : expected;
}

function withExtras<Value>(
  expected: Entries<Value>,
  observed: Entries<Value>,
  isGranted: (key: string) => boolean,
): Entries<Value> {
  const extras = Object.entries(observed).filter(([key]) => !(key in expected) && isGranted(key));
  return extras.length === 0 ? expected : { ...expected, ...Object.fromEntries(extras) };
}
