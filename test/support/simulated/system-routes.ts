import { isWanted, readFilters, writeEvent } from './event-log.ts';
import { ok, type Answer, type Exchange, type Route } from './exchange.ts';

export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/_ping', answer: () => ok('OK') },
  { method: 'HEAD', path: '/_ping', answer: () => ok('') },
  { method: 'GET', path: '/version', answer: ({ host }) => ok(describeVersion(host.apiVersion)) },
  { method: 'GET', path: '/info', answer: ({ host }) => ok(describeInfo(host.containers.size)) },
  { method: 'GET', path: '/events', answer: streamEvents },
];

/** Which release speaks which API. */
const releases: Readonly<Record<string, string>> = {
  '1.41': '20.10.24',
  '1.44': '25.0.5',
  '1.47': '27.3.1',
  '1.51': '28.5.2',
};

function describeVersion(apiVersion: string): object {
  const Version = `${releases[apiVersion] ?? '20.10.24'}-simulated`;
  return { Version, ApiVersion: apiVersion, MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64' };
}

function describeInfo(containers: number): object {
  const limits = [
    'MemoryLimit',
    'SwapLimit',
    'CpuCfsPeriod',
    'CpuCfsQuota',
    'CPUShares',
    'CPUSet',
    'PidsLimit',
    'OomKillDisable',
  ];
  return {
    ID: 'SIMU:LATE:DENG:INE0',
    Name: 'simulated',
    Containers: containers,
    SystemTime: new Date().toISOString(),
    LoggingDriver: 'json-file',
    DefaultRuntime: 'runc',
    CgroupVersion: '1',
    ...Object.fromEntries(limits.map((limit) => [limit, true])),
  };
}

/** What happened since, and then whatever happens, until the client has enough or `until` has come. */
function streamEvents({ host, query, response }: Exchange): Answer | null {
  const filters = readFilters(query.get('filters'));
  const since = query.get('since');
  const until = query.get('until');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const past = since === null ? [] : host.events.since(Number(since) * 1000);
  for (const event of past) if (isWanted(event, filters)) response.write(writeEvent(event));
  if (until !== null && Number(until) * 1000 <= Date.now()) {
    response.end();
    return null;
  }
  const stopListening = host.events.listen((event) => {
    if (isWanted(event, filters)) response.write(writeEvent(event));
  });
  response.once('close', stopListening);
  if (until !== null) host.later(Number(until) * 1000 - Date.now(), () => response.end());
  return null;
}
