/** How this program is called here: in a checkout there is no `plimsoll` on the PATH. */
export function commandIn(environment: NodeJS.ProcessEnv): string {
  return /^(start|plimsoll)$/.test(environment['npm_lifecycle_event'] ?? '')
    ? 'npm run --silent plimsoll --'
    : 'plimsoll';
}

/** Messages name commands as `plimsoll sync shop`; a person is told what works where it is typed. */
export function addressed(text: string, command: string): string {
  return text.replaceAll('`plimsoll ', `\`${command} `);
}
