import { formatProblem } from '../model/problem.ts';
import type { SettingsReading } from '../settings.ts';
import { ok, type Checkup } from './checkup.ts';

/** Mistakes of the operator's file and of the environment, and variables that look like ours and are not. */
export function checkConfig({ settings, problems, unknownVariables }: SettingsReading): readonly Checkup[] {
  const warnings = unknownVariables.map((variable): Checkup => {
    const message = `${variable} is set, and names nothing that can be configured.`;
    return { part: 'config', level: 'warn', message, remedy: 'Correct its name, or unset it.' };
  });
  const mistakes = problems.map((problem): Checkup => {
    return { part: 'config', level: 'fail', message: formatProblem(problem), remedy: '' };
  });
  if (settings === null) return [...mistakes, ...warnings];
  const file = settings.configFile ?? 'No plimsoll.yaml; defaults and the environment';
  return [ok('config', `${file}: installation ${settings.installation}.`), ...warnings];
}
