import { VARIABLES } from '../../src/settings/environment.js';
import type { Variable } from '../../src/platform/config/variable.decorator.js';

/** The text of `.env.example`, from the declarations of `Environment`. */
export function envExample(): string {
  const lines = [
    '# Every setting with its default. Copy this file to .env and edit it. Variables of the process override the file.',
    '# Generated from src/settings/environment.ts by `npm run env:docs`.',
  ];
  for (const [group, variables] of groups()) {
    lines.push('', `# ${group}`);
    for (const variable of variables) {
      lines.push('', `# ${variable.about} Expected: ${variable.expected}.`);
      // An optional setting is commented out, so that a copy of the file sets no empty values.
      lines.push(`${variable.example === '' ? '# ' : ''}${variable.name}=${variable.example ?? defaultText(variable)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The table of `docs/configuration.md`, from the same declarations. */
export function configurationPage(): string {
  const lines = [
    '# Configuration',
    '',
    '<!-- Generated from src/settings/environment.ts by `npm run env:docs`. -->',
    '',
    'Settings are environment variables. Variables of the process override those of the file `.env` (or `ENV_FILE`). An',
    'empty value means that the variable is not set. The service checks all settings at its start: if any are invalid, it',
    'exits with code 78 and one message that names them all. An unknown name in the file causes a warning.',
    '',
    'The syntax of the file is that of python-dotenv: `NAME=value` lines, `export` before a name, `#` comments after white',
    'space, single and double quotes (also over several lines), `${NAME}` and `${NAME:-default}` for other variables. A',
    'password that contains `${…}` cannot be in the file: set its variable in the process.',
  ];
  for (const [group, variables] of groups()) {
    lines.push('', `## ${group}`, '', '| name | meaning | expected | default |', '|---|---|---|---|');
    for (const variable of variables) {
      const value = defaultText(variable);
      const cells = [`\`${variable.name}\``, variable.about, variable.expected, value === '' ? '' : `\`${value}\``];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function groups(): Map<string, Variable[]> {
  const byGroup = new Map<string, Variable[]>();
  for (const variable of VARIABLES) {
    byGroup.set(variable.group, [...(byGroup.get(variable.group) ?? []), variable]);
  }
  return byGroup;
}

function defaultText({ defaultText: text, default: value }: Variable): string {
  if (text !== undefined || value === undefined) return text ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
