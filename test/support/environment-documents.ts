import { VARIABLES } from '../../src/settings/environment.js';
import type { Variable } from '../../src/platform/config/variable.decorator.js';

/** The text of `.env.example`, from the declarations of `Environment`. */
export function envExample(): string {
  const lines = [
    '# Every setting with its default. Copy this file to .env and change what you need. Variables of the process override it.',
    '# Generated from src/settings/environment.ts by `npm run env:docs`.',
  ];
  for (const [group, variables] of groups()) {
    lines.push('', `# ${group}`);
    for (const variable of variables) {
      lines.push('', `# ${variable.about} Expected: ${variable.expected}.`);
      // An optional setting is shown as a comment, so that a copy of the file does not set it to an empty value.
      lines.push(`${variable.example === '' ? '# ' : ''}${variable.name}=${variable.example ?? defaultText(variable)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The text of `docs/configuration.md`, from the same declarations. */
export function configurationPage(): string {
  const lines = [
    '# Configuration',
    '',
    '<!-- Generated from src/settings/environment.ts by `npm run env:docs`. -->',
    '',
    'This reference lists every setting of the service. [.env.example](../.env.example) is a commented file to start from.',
    '',
    'Settings are environment variables, or lines of the file `.env` (`ENV_FILE` names another file). Variables of the process',
    'override the file, and an empty value counts as not set. The service checks all settings when it starts. If one is invalid,',
    'it exits with code 78 and one message that names every invalid setting. An unknown name in the file is a warning.',
    '',
    'The file has the syntax of python-dotenv: `NAME=value` lines, `export` before a name, `#` comments after white space, single',
    'and double quotes (also over several lines), and `${NAME}` and `${NAME:-default}` for other variables. The file cannot contain',
    'a password that itself contains `${…}`: set its variable in the environment of the process.',
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
