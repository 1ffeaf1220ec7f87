/** What a person may write below `spec`; the tests say only what they are about. */
export type Spec = Readonly<Record<string, unknown>>;

/** Short waits, so that a test waits for the engine and not for a deadline. A spec's own words come after. */
const quick: Spec = {
  stop_grace_period: '1s',
  rollout: { min_healthy_time: '0s', healthy_deadline: '20s', progress_deadline: '40s' },
};

/** The text of a service's manifest. JSON is YAML. */
export function service(name: string, spec: Spec): string {
  return manifest('Service', { metadata: { name }, spec: { ...quick, ...spec } });
}

export function stack(spec: Spec): string {
  return manifest('Stack', { spec });
}

/** One file a service, in the directory of the stack. */
export function services(
  of: string,
  specs: Readonly<Record<string, Spec>>,
): Readonly<Record<string, string>> {
  const files = Object.entries(specs).map(([name, spec]) => [
    `stacks/${of}/${name}.yaml`,
    service(name, spec),
  ]);
  return Object.fromEntries(files);
}

function manifest(kind: string, content: Spec): string {
  return JSON.stringify({ apiVersion: 'plimsoll.dev/v1', kind, ...content }, null, 2);
}
