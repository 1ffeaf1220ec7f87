import type { Finding, Resource } from '../model/change.ts';
import { finding } from './findings.ts';
import { digestIn, repositoryOf } from './image.ts';
import { fullReference } from './reference.ts';
import { isCreating } from './slots.ts';
import type { ServiceSurvey } from './survey.ts';

/**
 * An image of the same repository with an earlier major version than the one that runs. Programs read what earlier versions
 * have written and not what later ones have, so with data of its own the service waits for a person.
 */
export function downgradeFindings({ service, slots }: ServiceSurvey): readonly Finding[] {
  const { image, mounts = {} } = service.container;
  const replaced = slots.filter(isCreating).flatMap(({ old }) => (old === null ? [] : [old.container]));
  const before = replaced.map(({ spec }) => spec.image).find((running) => isDowngrade(running, image));
  if (before === undefined) return [];
  const written = Object.values(mounts).find(
    (mount) => mount.type === 'volume' && mount.source !== '' && !mount.read_only,
  );
  const resource: Resource = { kind: 'service', service: service.name };
  const what = `${service.name} goes back from ${before} to ${image}, an earlier major version`;
  if (written?.type !== 'volume') {
    const remedy = 'If that is not meant, look at what the last commit changed.';
    return [finding('IM104', resource, { message: `${what}.`, remedy })];
  }
  return [
    finding('IM105', resource, {
      message: `${what}, which may not read what the later one has written to volume ${written.source}.`,
      remedy: 'Back the volume up, and restore one that the earlier version wrote; then accept IM105.',
    }),
  ];
}

function isDowngrade(from: string, to: string): boolean {
  if (digestIn(from) !== null || digestIn(to) !== null) return false;
  if (repositoryOf(fullReference(from)) !== repositoryOf(fullReference(to))) return false;
  const [before, after] = [majorOf(from), majorOf(to)];
  return before !== null && after !== null && after < before;
}

/** `16` of `postgres:16.4-alpine`, `v2` and `2-slim` are 2; null where the tag begins with no number. */
function majorOf(reference: string): number | null {
  const tag = reference.slice(repositoryOf(reference).length + 1);
  const [, digits] = /^v?(\d{1,9})(?:$|[.\-+_])/.exec(tag) ?? [];
  return digits === undefined ? null : Number(digits);
}
