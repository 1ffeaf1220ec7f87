import type { SimulatedContainer, SimulatedHost } from './host.ts';
import { steady, type Behaviour } from './images.ts';
import { Refusal } from './refusal.ts';

/** What the process of a container does. Throws where the image has no such program. */
export function behaviourOf(
  host: SimulatedHost,
  { id, imageId, config, files }: SimulatedContainer,
): Behaviour {
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const image = host.images.get(imageId);
  const own = [...(image?.config.Entrypoint ?? []), ...(image?.config.Cmd ?? [])];
  if (words.join(' ') === own.join(' ')) return (image?.program ?? steady)(environmentOf(config.Env ?? []));
  if (words[0]?.startsWith('/no/') === true) {
    const why = `exec: "${words[0]}": stat ${words[0]}: no such file or directory: unknown`;
    throw new Refusal(400, `failed to create shim task: OCI runtime create failed: container ${id}: ${why}`);
  }
  return { exit: run(words, files), readyAfterMs: 0 };
}

/** Exit code of a health check. */
export function checkCode(test: readonly string[], files: Map<string, string>): number {
  const [kind, ...words] = test;
  const end = run(kind === 'CMD-SHELL' ? ['sh', '-c', words[0] ?? ''] : words, files);
  return end?.code ?? 0;
}

function environmentOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const entries = lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(entries);
}

type End = Behaviour['exit'];

/** The few commands that tests run, and a shell that knows `;` and `&&`. Whatever else there is runs on. */
function run(words: readonly string[], files: Map<string, string>): End {
  const [program = '', ...rest] = words;
  switch (program.slice(program.lastIndexOf('/') + 1)) {
    case 'sh':
      return runShell(rest.at(-1) ?? '', files);
    case 'sleep':
      return { afterMs: Number(rest[0]) * 1000, code: 0 };
    case 'true':
    case 'echo':
      return { afterMs: 0, code: 0 };
    case 'false':
      return { afterMs: 0, code: 1 };
    case 'exit':
      return { afterMs: 0, code: Number(rest[0]) };
    case 'exec':
      return run(rest, files);
    case 'touch':
      files.set(rest[0] ?? '', '');
      return { afterMs: 0, code: 0 };
    case 'test':
      return { afterMs: 0, code: files.has(rest.at(-1) ?? '') === rest.includes('!') ? 1 : 0 };
    default:
      return null;
  }
}

function runShell(script: string, files: Map<string, string>): End {
  let afterMs = 0;
  let code = 0;
  for (const statement of script.split(';')) {
    for (const command of statement.split('&&')) {
      const words = command.trim().split(/\s+/);
      const end = run(words, files);
      if (end === null) return null;
      afterMs += end.afterMs;
      code = end.code;
      if (words[0] === 'exit') return { afterMs, code };
      if (code !== 0) break;
    }
  }
  return { afterMs, code };
}
