import type { CreateBody, MountPoint, NetworkAnswer, VolumeAnswer } from '../../../reconciler/docker/wire.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import type { SimulatedImage } from './images.ts';
import { createRandom, type Random } from './random.ts';

/** Everything that an engine would keep on its disk or in its memory, open to whoever tests with it. */
export interface SimulatedHost {
  readonly apiVersion: string;
  readonly random: Random;
  readonly containers: Map<string, SimulatedContainer>;
  /** Ids by container name. */
  readonly names: Map<string, string>;
  readonly networks: Map<string, SimulatedNetwork>;
  readonly volumes: Map<string, SimulatedVolume>;
  /** By id. */
  readonly images: Map<string, SimulatedImage>;
  /** Image ids by reference, with its tag. */
  readonly tags: Map<string, string>;
  /** What can be pulled, by reference. */
  readonly registry: Map<string, SimulatedImage>;
  readonly events: EventLog;
  /** Runs the work later, unless the host is closed before. Zero is at the next turn. */
  later(ms: number, work: () => void): void;
  close(): void;
}

export interface SimulatedContainer {
  readonly id: string;
  name: string;
  readonly createdAt: number;
  readonly imageId: string;
  /** As asked for, the image's part merged in. */
  readonly config: Omit<CreateBody, 'HostConfig' | 'NetworkingConfig'>;
  hostConfig: CreateBody['HostConfig'];
  readonly mounts: readonly SimulatedMount[];
  /** By network name. */
  readonly endpoints: Map<string, SimulatedEndpoint>;
  /** What was copied in or touched since the creation, by path. */
  readonly files: Map<string, string>;
  state: SimulatedState;
  restartCount: number;
  /** Somebody stopped it by hand: `unless-stopped` respects that. */
  isStoppedByHand: boolean;
  /** Host ports that it holds while it runs. */
  ports: readonly HeldPort[];
  /** Grows with each start, so that what a former process had planned is forgotten. */
  run: number;
  /** Its item of the list, for as long as nothing in it changes. */
  listed: { readonly status: string; readonly json: string } | null;
}

export interface SimulatedMount extends MountPoint {
  readonly Propagation?: string;
}

export interface SimulatedState {
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'exited';
  readonly exitCode: number;
  /** Of a start that failed. */
  readonly error: string;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly health: SimulatedHealth | null;
}

export interface SimulatedHealth {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  readonly log: readonly { readonly at: number; readonly exitCode: number }[];
}

export interface SimulatedEndpoint {
  readonly network: SimulatedNetwork;
  readonly aliases: readonly string[];
  readonly ipam: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
  /** Empty while the container does not run. */
  endpointId: string;
  address: string;
}

export interface HeldPort {
  readonly target: string;
  readonly ip: string;
  readonly port: number;
}

export interface SimulatedNetwork extends NetworkAnswer {
  readonly isBuiltIn: boolean;
}

export type SimulatedVolume = VolumeAnswer & { readonly createdAt: number };

export interface HostOptions {
  readonly seed?: number;
  /** Default 1.41, that of Docker 20.10. */
  readonly apiVersion?: string;
}

/** An engine with nothing on it but its own three networks. */
export function createHost({ seed = 1, apiVersion = '1.41' }: HostOptions = {}): SimulatedHost {
  const random = createRandom(seed);
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;
  const networks = ['bridge', 'host', 'none'].map((name): SimulatedNetwork => ({
    Id: random.hex(64),
    Name: name,
    Driver: name === 'none' ? 'null' : name,
    isBuiltIn: true,
  }));
  return {
    apiVersion,
    random,
    containers: new Map(),
    names: new Map(),
    networks: new Map(networks.map((network) => [network.Id, network])),
    volumes: new Map(),
    images: new Map(),
    tags: new Map(),
    registry: new Map(),
    events: createEventLog(),
    later(ms, work) {
      if (isClosed) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        work();
      }, ms);
      timers.add(timer);
    },
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
