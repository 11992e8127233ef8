import { VARIABLES } from '../../src/settings/environment.js';
import type { Variable } from '../../src/platform/config/variable.decorator.js';

/** The text of `.env.example`, from the declarations of `Environment`. */
export function envExample(): string {
  const lines = [
    '# Every setting, with its default. Copy to .env and change what you need; the variables of the process win over it.',
    '# Generated from src/settings/environment.ts by `npm run env:docs`.',
  ];
  for (const [group, variables] of groups()) {
    lines.push('', `# ${group}`);
    for (const variable of variables) {
      lines.push('', `# ${variable.about} Expected: ${variable.expected}.`);
      // An optional setting is shown as a comment, so that a plain copy of the file sets nothing to nothing.
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
    'Settings are environment variables. Those of the process win over those of the file `.env` (or `ENV_FILE`); an empty',
    'value counts as absent. They are checked once, at the start: a wrong one ends it with exit code 78 and one message',
    'that names every wrong setting. A name in the file that is no setting is a warning.',
    '',
    'The file is read as python-dotenv reads it: `NAME=value` lines, `export` before a name, `#` comments after white space,',
    'single and double quotes (also over several lines), `${NAME}` and `${NAME:-default}` for other variables. A password',
    'that holds `${…}` itself cannot stand in the file: set its variable in the process.',
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
