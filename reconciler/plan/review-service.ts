import { apiNeedOf } from '../model/api-needs.ts';
import type { Finding, Resource } from '../model/change.ts';
import { followsTag } from '../model/desired.ts';
import type { ContainerIntent, ContainerSpec } from '../model/container.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Blocks } from './block.ts';
import { isActing } from './blocks.ts';
import { availability } from './conditions.ts';
import { downgradeFindings } from './downgrade.ts';
import { finding } from './findings.ts';
import { policyFindings, type Policy } from './policy.ts';
import { isUnpinned } from './reference.ts';
import { anonymousLosses } from './review-resources.ts';
import { sharedVolumeFindings } from './shared-volume.ts';
import { jobEnd } from './state.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

export interface ServiceReview {
  readonly survey: Survey;
  readonly blocks: Blocks;
  readonly policy: Policy;
}

/** What is risky or remarkable about one service. */
export function reviewService(
  of: ServiceSurvey,
  { survey, blocks, policy }: ServiceReview,
): readonly Finding[] {
  return [
    ...policyOf(of, policy),
    ...imageFindings(of, survey.observed),
    ...downgradeFindings(of),
    ...sharedVolumeFindings(of, survey),
    ...engineFindings(of, survey.observed),
    ...jobFindings(of),
    ...dependencyFindings(of, survey, blocks),
    ...lossesOf(of, survey),
  ];
}

/** What already runs is not torn down by a stricter policy, and does not hold up its neighbours. */
function policyOf(of: ServiceSurvey, policy: Policy): readonly Finding[] {
  const findings = policyFindings(of.service, policy);
  return isActing(of) ? findings : findings.map(asWarning);
}

function asWarning(found: Finding): Finding {
  return { ...found, level: 'warn' };
}

function imageFindings({ service }: ServiceSurvey, { registryDigests }: ObservedState): readonly Finding[] {
  const { image } = service.container;
  const resource: Resource = { kind: 'service', service: service.name };
  const answer = registryDigests[image];
  const unpinned = finding('IM101', resource, {
    message: `${service.name} uses ${image}, which means another image every now and then.`,
    remedy: 'Write the version that you want, so that a commit says what runs.',
  });
  return [
    ...(isUnpinned(image) ? [unpinned] : []),
    ...(followsTag(service.pullPolicy) && answer?.kind === 'unknown'
      ? [
          finding('IM103', resource, {
            message: `Whether there is a newer ${image} could not be found out: ${answer.reason}`,
            remedy: 'Nothing changes until the registry answers.',
          }),
        ]
      : []),
  ];
}

function engineFindings({ service }: ServiceSurvey, { engine }: ObservedState): readonly Finding[] {
  return engine.unsupported
    .filter((path) => isSaid(service.container, path))
    .map((path) =>
      finding(
        'EN101',
        { kind: 'service', service: service.name },
        {
          message: `${whyMissing(path, engine)}, so ${service.name} runs without.`,
          remedy: 'Take it out of the manifest, or run the service on an engine that knows it.',
        },
      ),
    );
}

/** By age of the API, or by the kernel that the engine runs on. */
function whyMissing(path: string, { version, apiVersion }: ObservedState['engine']): string {
  const need = apiNeedOf(path);
  if (need === null) return `The kernel below Docker ${version} does not know ${path}`;
  const { api, docker } = need;
  return `Docker ${version} (API ${apiVersion}) does not know ${path}, which came with Docker ${docker} (API ${api})`;
}

function isSaid(intent: ContainerIntent, path: string): boolean {
  let value: unknown = intent;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
  }
  return value !== undefined && value !== null && value !== 0 && value !== false && value !== '';
}

function jobFindings({ service, slots }: ServiceSurvey): readonly Finding[] {
  if (service.lifecycle !== 'job') return [];
  return slots.flatMap(({ number, keeper }) => {
    if (keeper === null || jobEnd(keeper.container.state) !== 'failed') return [];
    const { exitCode, oomKilled } = keeper.container.state;
    const why = oomKilled ? 'it ran out of memory' : `exit code ${exitCode}`;
    return [
      finding(
        'JB101',
        { kind: 'instance', service: service.name, instance: number },
        {
          message: `Job ${service.name} failed (${why}) and is not run again as it is.`,
          remedy: `Read its output with \`docker logs ${keeper.container.name}\`, mend it and commit; or remove the container to run it once more.`,
        },
      ),
    ];
  });
}

function dependencyFindings({ service }: ServiceSurvey, survey: Survey, blocks: Blocks): readonly Finding[] {
  return service.dependsOn
    .filter(({ required }) => !required)
    .flatMap((dependency) => {
      const state = availability(dependency, survey, blocks);
      if (state.kind !== 'out') return [];
      return [
        finding(
          'DP102',
          { kind: 'service', service: service.name },
          {
            message: `${service.name} goes on without ${dependency.service}, which ${state.why}.`,
            remedy: `Mend ${dependency.service} if ${service.name} needs it.`,
          },
        ),
      ];
    });
}

/** Anonymous volumes that no newcomer takes over. */
function lossesOf({ service, slots, extras }: ServiceSurvey, { expectation }: Survey): readonly Finding[] {
  const replaced = slots.flatMap(({ keeper, old }) =>
    keeper === null && old !== null ? [old.container] : [],
  );
  const partly = replaced.map((container) => withLost(container, expectation.ofNewcomer(service, container)));
  return anonymousLosses([...partly, ...extras]);
}

function withLost(container: ObservedContainer, { mounts }: ContainerSpec): ObservedContainer {
  const lost = Object.entries(container.anonymousVolumes).filter(([target]) => {
    const mount = mounts[target];
    return mount?.type !== 'volume' || mount.source !== '';
  });
  return { ...container, anonymousVolumes: Object.fromEntries(lost) };
}
