import type { ConfigAnswer, HealthcheckAnswer } from '../../../reconciler/docker/wire.ts';

/** What lines of a Dockerfile say of an image: those that `docker import --change` takes. */
export function readChanges(changes: readonly string[]): ConfigAnswer {
  const config: ConfigAnswer = {};
  for (const line of changes) {
    const [, instruction = '', rest = ''] = /^\s*(\w+)\s+(.*)$/s.exec(line) ?? [];
    const change = instructions[instruction.toUpperCase()];
    if (change === undefined) throw new Error(`the simulated engine does not know the change "${line}"`);
    Object.assign(config, change(rest.trim(), config));
  }
  return config;
}

const instructions: Readonly<Record<string, (rest: string, config: ConfigAnswer) => ConfigAnswer>> = {
  CMD: (rest) => ({ Cmd: readWords(rest) }),
  ENTRYPOINT: (rest) => ({ Entrypoint: readWords(rest) }),
  ENV: (rest, { Env }) => ({ Env: [...(Env ?? []), rest.includes('=') ? rest : rest.replace(/\s+/, '=')] }),
  LABEL: (rest, { Labels }) => ({ Labels: { ...Labels, ...readPair(rest) } }),
  EXPOSE: (rest, { ExposedPorts }) => ({
    ExposedPorts: {
      ...ExposedPorts,
      ...Object.fromEntries(rest.split(/\s+/).map((port) => [withProtocol(port), {}])),
    },
  }),
  VOLUME: (rest, { Volumes }) => ({
    Volumes: { ...Volumes, ...Object.fromEntries(readList(rest).map((path) => [path, {}])) },
  }),
  USER: (rest) => ({ User: rest }),
  WORKDIR: (rest) => ({ WorkingDir: rest }),
  STOPSIGNAL: (rest) => ({ StopSignal: rest }),
  HEALTHCHECK: (rest) => ({ Healthcheck: readHealthcheck(rest) }),
};

function readWords(text: string): readonly string[] {
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : ['/bin/sh', '-c', text];
}

function readList(text: string): readonly string[] {
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : text.split(/\s+/);
}

function readPair(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  return { [unquote(text.slice(0, at))]: unquote(text.slice(at + 1)) };
}

function unquote(text: string): string {
  return /^".*"$/s.test(text) ? (JSON.parse(text) as string) : text;
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}

const unitsInNanoseconds = { ms: 1_000_000, s: 1_000_000_000, m: 60_000_000_000 } as const;

function readHealthcheck(text: string): HealthcheckAnswer {
  if (text === 'NONE') return { Test: ['NONE'] };
  const option = (key: string): string | undefined => new RegExp(`--${key}=(\\S+)`).exec(text)?.[1];
  const command = /\bCMD\s+(.*)$/s.exec(text)?.[1] ?? '';
  const test = command.startsWith('[')
    ? ['CMD', ...(JSON.parse(command) as string[])]
    : ['CMD-SHELL', command];
  return {
    Test: test,
    Interval: readDuration(option('interval')),
    Timeout: readDuration(option('timeout')),
    StartPeriod: readDuration(option('start-period')),
    Retries: Number(option('retries') ?? 0),
  };
}

function readDuration(text: string | undefined): number {
  const [, amount = '0', unit = 's'] = /^([\d.]+)(ms|s|m)$/.exec(text ?? '') ?? [];
  return Number(amount) * unitsInNanoseconds[unit === 'ms' || unit === 'm' ? unit : 's'];
}
