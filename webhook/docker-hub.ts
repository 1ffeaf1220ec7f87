import { imageHint } from './image-name.ts';
import { malformed, reading, textAt } from './payload.ts';
import { provePath } from './proof.ts';
import type { Protocol } from './protocol.ts';

/** Docker Hub signs nothing and sets no header: https://docs.docker.com/docker-hub/repos/manage/webhooks/ */
export const dockerHub: Protocol = {
  prove: provePath,
  deliveryOf: () => '',
  eventOf: () => 'push',
  read(_, payload) {
    const repository = textAt(payload, 'repository', 'repo_name');
    const tag = textAt(payload, 'push_data', 'tag');
    if (repository === null) return malformed('repository.repo_name');
    if (tag === null) return malformed('push_data.tag');
    const image = imageHint(`docker.io/${repository}:${tag}`, null);
    return image === null ? malformed('repository.repo_name') : reading(image);
  },
};
