import {
  killContainer,
  pauseContainer,
  removeContainer,
  stopContainer,
  updateContainer,
} from '../support/simulated/actions.ts';
import { createContainer } from '../support/simulated/create.ts';
import type { SimulatedContainer, SimulatedHost } from '../support/simulated/host.ts';
import { isUp } from '../support/simulated/lookup.ts';
import { disconnect } from '../support/simulated/networks.ts';
import type { Random } from '../support/simulated/random.ts';
import { startContainer } from '../support/simulated/actions.ts';
import { imageOf } from './wanted.ts';

/** Everything that somebody may do to a container of ours, as far as its state lets him. */
const deeds: Readonly<Record<string, (host: SimulatedHost, victim: SimulatedContainer) => void>> = {
  kill: (host, victim) => isUp(victim) && killContainer(host, victim, 'SIGKILL'),
  stop: (host, victim) => stopContainer(host, victim),
  pause: (host, victim) => victim.state.status === 'running' && pauseContainer(host, victim),
  remove: (host, victim) => removeContainer(host, victim, { force: true, volumes: true }),
  update: (host, victim) => updateContainer(host, victim, { Memory: 2 ** 27, MemorySwap: 2 ** 28 }),
  disconnect(host, victim) {
    const [network] = victim.endpoints.keys();
    if (network !== undefined) disconnect(host, victim, network);
  },
};

/** Does something to one of these, and says what. */
export function misbehave(
  host: SimulatedHost,
  random: Random,
  victims: readonly SimulatedContainer[],
): string {
  if (victims.length === 0) return 'nobody to hurt';
  const victim = random.pick(victims);
  const deed = random.pick(Object.keys(deeds));
  deeds[deed]?.(host, victim);
  return `${deed} ${victim.name}`;
}

/** A container that is nobody's business of ours, though it may carry labels of ours or bear a name that we want. */
export function addStranger(
  host: SimulatedHost,
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): SimulatedContainer {
  const body = { Image: imageOf.web, Labels: labels, HostConfig: { RestartPolicy: { Name: 'always' } } };
  const stranger = createContainer(host, body, name);
  startContainer(host, stranger);
  return stranger;
}
