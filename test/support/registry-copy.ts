interface ImageManifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** Makes a tag of a registry point to another image of it, as somebody else's push would: no engine hears of it. */
export async function copyInRegistry(from: string, to: string): Promise<void> {
  const [source, target] = [split(from), split(to)];
  const answer = await ask(`${source.url}/manifests/${source.tag}`, { headers: { Accept: manifestType } });
  const body = await answer.text();
  const { config, layers } = JSON.parse(body) as ImageManifest;
  for (const { digest } of [config, ...layers]) {
    const mount = `mount=${digest}&from=${source.repository}`;
    await ask(`${target.url}/blobs/uploads/?${mount}`, { method: 'POST' });
  }
  const headers = { 'Content-Type': manifestType };
  await ask(`${target.url}/manifests/${target.tag}`, { method: 'PUT', headers, body });
}

/** `127.0.0.1:5000/web:1` into its parts. */
function split(image: string): { readonly url: string; readonly repository: string; readonly tag: string } {
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image) ?? [];
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`not the full name of an image: ${image}`);
  }
  return { url: `http://${registry}/v2/${repository}`, repository, tag };
}

async function ask(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options);
  if (answer.ok) return answer;
  throw new Error(`${options.method ?? 'GET'} ${url}: ${answer.status} ${await answer.text()}`);
}
