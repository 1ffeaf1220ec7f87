import type { DesiredService } from '../model/desired.ts';
import type { ContainerState } from '../model/observed.ts';

/** What a container's state asks for, when it is the one that should be there. */
export type StateNeed = 'none' | 'start' | 'unpause' | 'wait';

/** A job that has ended is left alone, whatever its exit code: it runs once for each version. */
export function stateNeed(state: ContainerState, lifecycle: DesiredService['lifecycle']): StateNeed {
  switch (state.status) {
    case 'running':
      return 'none';
    case 'paused':
      return 'unpause';
    case 'restarting':
      return lifecycle === 'job' ? 'none' : 'wait';
    case 'created':
      return 'start';
    case 'exited':
      return lifecycle === 'job' ? 'none' : 'start';
    case 'removing':
    case 'dead':
      return 'none';
    default:
      return state.status satisfies never;
  }
}

/** `running`, `exited (137)`, `exited (137, out of memory)`. */
export function formatState(state: ContainerState): string {
  if (state.exitCode === null || state.status !== 'exited') return state.status;
  return `exited (${state.exitCode}${state.oomKilled ? ', out of memory' : ''})`;
}

/** It has a process, so stopping it takes something away. */
export function isUp({ status }: ContainerState): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting';
}

/** It has a process and nothing says that it is ill. */
export function isServing({ status, health }: ContainerState): boolean {
  return status === 'running' && health !== 'unhealthy' && health !== 'starting';
}

/** Nothing brings a container back from here. */
export function isLost({ status }: ContainerState): boolean {
  return status === 'dead' || status === 'removing';
}

/** Made, never run: nobody has depended on it yet. */
export function isUnused({ status, startedAt }: ContainerState): boolean {
  return status === 'created' && startedAt === null;
}

/** How a job ended, or that it has not. */
export function jobEnd({ status, exitCode }: ContainerState): 'succeeded' | 'failed' | 'open' {
  if (status !== 'exited') return 'open';
  return exitCode === 0 ? 'succeeded' : 'failed';
}
