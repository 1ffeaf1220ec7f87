import type { SimulatedHost } from './host.ts';
import { isUp } from './lookup.ts';
import { beginRun, endRun } from './run.ts';

/** Without live restore, no process outlives its engine. */
export function endAll(host: SimulatedHost): void {
  for (const container of host.containers.values()) {
    if (isUp(container)) endRun(host, container, { exitCode: 137, isFinal: true });
    container.restartCount = 0;
  }
}

/** What was not stopped by hand comes back where its policy says so. */
export function bootAgain(host: SimulatedHost): void {
  for (const container of host.containers.values()) {
    const { Name } = container.hostConfig.RestartPolicy ?? {};
    const { status, exitCode } = container.state;
    const returns =
      Name === 'always' ||
      (Name === 'unless-stopped' && !container.isStoppedByHand) ||
      (Name === 'on-failure' && exitCode !== 0 && !container.isStoppedByHand);
    if (status === 'exited' && returns) beginRun(host, container);
  }
}
