import type { YAMLError } from 'yaml';

/** What the parser stumbled over, as a sentence with a remedy. */
export function describeYamlError({ code, message }: Pick<YAMLError, 'code' | 'message'>): {
  readonly code: string;
  readonly message: string;
} {
  return { code: 'YamlInvalid', message: sentences[code] ?? `is not valid YAML: ${sentence(message)}` };
}

const sentences: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'is indented with a tab. YAML allows only spaces there.',
  BLOCK_AS_IMPLICIT_KEY:
    'is not valid YAML: something is nested in the middle of a line. Quote the value if it holds ": ", or correct the indentation.',
  BAD_SCALAR_START: 'is not valid YAML: a value cannot begin with @ or ` or %. Put it into quotes.',
  RESOURCE_EXHAUSTION: 'is nested too deeply. Flatten it.',
};

function sentence(message: string): string {
  const [first = ''] = message.split('\n');
  const text = first.trim().replace(/[.:]$/, '');
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}. Look at the indentation and the quotes here and above.`;
}
