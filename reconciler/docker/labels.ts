import { canonicalJson, isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { ConfigFile, ContainerSpec } from '../model/container.ts';
import {
  isInstanceName,
  isName,
  isSpecHash,
  reservedLabelPrefix,
  type Name,
  type SpecHash,
} from '../model/ids.ts';
import type { Claim, Ownership } from '../model/observed.ts';

type Labels = Readonly<Record<string, string>>;

/** The only place that spells a label key. */
const keys = {
  installation: `${reservedLabelPrefix}installation`,
  stack: `${reservedLabelPrefix}stack`,
  service: `${reservedLabelPrefix}service`,
  instance: `${reservedLabelPrefix}instance`,
  specHash: `${reservedLabelPrefix}spec-hash`,
  revision: `${reservedLabelPrefix}revision`,
  configs: `${reservedLabelPrefix}configs`,
  configVolumes: `${reservedLabelPrefix}config-volumes`,
  configsOf: `${reservedLabelPrefix}configs-of`,
  network: `${reservedLabelPrefix}network`,
  volume: `${reservedLabelPrefix}volume`,
  definition: `${reservedLabelPrefix}definition`,
} as const;

/** What a container of ours says about itself. */
export interface ContainerLabels {
  readonly installation: Name;
  readonly stack: Name;
  readonly service: Name;
  readonly instance: number;
  readonly specHash: SpecHash | null;
  /** Shown, never trusted: any text may stand there. */
  readonly revision: string | null;
  /** As copied in before the start; an engine cannot be asked for them later. */
  readonly configs: ContainerSpec['configs'];
  /** Of these, the ones that are written again while it lives, by path; the label then tells only how they began. */
  readonly liveConfigs: readonly string[];
  /** Volumes that carry config files into a read-only container, by the directory that they cover. */
  readonly configVolumes: Labels;
}

export function writeContainerLabels(of: ContainerLabels): Labels {
  return {
    [keys.installation]: of.installation,
    [keys.stack]: of.stack,
    [keys.service]: of.service,
    [keys.instance]: String(of.instance),
    ...(of.specHash !== null && { [keys.specHash]: of.specHash }),
    ...(of.revision !== null && { [keys.revision]: of.revision }),
    ...(Object.keys(of.configs).length > 0 && { [keys.configs]: canonicalJson(configsAsJson(of)) }),
    ...(Object.keys(of.configVolumes).length > 0 && {
      [keys.configVolumes]: canonicalJson(of.configVolumes),
    }),
  };
}

/**
 * Null unless the container belongs to this installation: its labels are whole and its name is the one that they ask
 * for. Whatever is malformed is not ours.
 */
export function readContainerLabels(
  labels: Labels,
  { installation, name }: { readonly installation: Name; readonly name: string },
): Omit<ContainerLabels, 'installation'> | null {
  const claim = readClaim(labels, installation);
  if (claim === null) return null;
  const { stack, resource: service, instance } = claim;
  if (!isInstanceName(name, { stack, service, number: instance })) return null;
  const hash = labels[keys.specHash] ?? '';
  return {
    stack,
    service,
    instance,
    specHash: isSpecHash(hash) ? hash : null,
    revision: labels[keys.revision] ?? null,
    configs: readConfigs(labels[keys.configs]),
    liveConfigs: readLiveConfigs(labels[keys.configs]),
    configVolumes: readTexts(labels[keys.configVolumes]),
  };
}

/** The place that whole labels of this installation name, truly or not. */
export function readClaim(labels: Labels, installation: Name): Claim | null {
  const { [keys.stack]: stack = '', [keys.service]: service = '', [keys.instance]: number = '' } = labels;
  if (labels[keys.installation] !== installation || !isName(stack) || !isName(service)) return null;
  return /^[1-9]\d{0,5}$/.test(number) ? { stack, resource: service, instance: Number(number) } : null;
}

/** The stack that something claims to belong to: enough for a hint, not for a decision. */
export function readClaimedStack(labels: Labels, installation: Name): Name | null {
  const stack = labels[keys.stack] ?? '';
  return claimsInstallation(labels, installation) && isName(stack) ? stack : null;
}

/** Whether something says that it belongs to this installation, truly or not. */
export function claimsInstallation(labels: Labels, installation: Name): boolean {
  return labels[keys.installation] === installation;
}

export function withoutOwnLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith(reservedLabelPrefix)));
}

/** Of a network or a volume that the stack's manifests declare. */
export interface ResourceLabels extends Ownership {
  readonly installation: Name;
  /** As `definition-label.ts` writes it. */
  readonly definition: string;
}

export function writeResourceLabels(kind: 'network' | 'volume', of: ResourceLabels): Labels {
  return {
    [keys.installation]: of.installation,
    [keys.stack]: of.stack,
    [keys[kind]]: of.resource,
    [keys.definition]: of.definition,
  };
}

export function definitionIn(labels: Labels): string | undefined {
  return labels[keys.definition];
}

export function readResourceLabels(
  kind: 'network' | 'volume',
  labels: Labels,
  installation: Name,
): Ownership | null {
  const { [keys.stack]: stack = '', [keys[kind]]: resource = '' } = labels;
  if (labels[keys.installation] !== installation || !isName(stack) || !isName(resource)) return null;
  return { stack, resource };
}

/** Labels of a volume that carries config files into the read-only container `name`. */
export function writeConfigVolumeLabels(installation: Name, name: string): Labels {
  return { [keys.installation]: installation, [keys.configsOf]: name };
}

/** What the engine's filters find such volumes by. */
export function configVolumeFilters(installation: Name, name: string): readonly string[] {
  return Object.entries(writeConfigVolumeLabels(installation, name)).map(([key, value]) => `${key}=${value}`);
}

function configsAsJson({ configs, liveConfigs }: ContainerLabels): JsonRecord {
  return Object.fromEntries(
    Object.entries(configs).map(([path, file]) => [
      path,
      { ...file, ...(liveConfigs.includes(path) && { live: true }) },
    ]),
  );
}

function readLiveConfigs(label: string | undefined): readonly string[] {
  const entries = Object.entries(readRecord(label));
  return entries.flatMap(([path, value]) => (isJsonRecord(value) && value['live'] === true ? [path] : []));
}

function readConfigs(label: string | undefined): ContainerSpec['configs'] {
  const entries = Object.entries(readRecord(label)).flatMap(([path, value]) => {
    const file = readConfigFile(value);
    return file === null ? [] : [[path, file] as const];
  });
  return Object.fromEntries(entries);
}

function readConfigFile(value: Json | undefined): ConfigFile | null {
  if (!isJsonRecord(value)) return null;
  const { digest, mode, uid, gid } = value;
  if (typeof digest !== 'string' || typeof mode !== 'number') return null;
  return typeof uid === 'number' && typeof gid === 'number' ? { digest, mode, uid, gid } : null;
}

function readTexts(label: string | undefined): Labels {
  const entries = Object.entries(readRecord(label)).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

function readRecord(label: string | undefined): JsonRecord {
  try {
    const value: Json = JSON.parse(label ?? 'null');
    return isJsonRecord(value) ? value : {};
  } catch {
    return {};
  }
}
