import { parseEnvFile } from '../../src/platform/config/env-file.js';
import { configurationPage, envExample } from '../support/environment-documents.js';
import { VARIABLES } from '../../src/settings/environment.js';

const variables = VARIABLES;
const names = variables.map(({ name }) => name);

describe('envExample', () => {
  it('shows every variable once, in the order of the declarations', () => {
    const shown = [...envExample().matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    expect(shown).toEqual(names);
  });

  it('sets each variable to its default and omits optional ones', () => {
    const { values, unreadableLines } = parseEnvFile(envExample());
    expect(unreadableLines).toEqual([]);
    for (const { name, default: value, example, parse } of variables) {
      const text = values.get(name);
      if (example !== undefined) expect(text).toBe(example || undefined);
      else expect(parse ? parse(text ?? '') : text).toEqual(value);
    }
  });

  it('describes each variable and its expected value', () => {
    for (const { about, expected } of variables) expect(envExample()).toContain(`# ${about} Expected: ${expected}.\n`);
  });
});

describe('configurationPage', () => {
  const rows = configurationPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

  it('has one row of four cells for every variable', () => {
    expect(rows.map(([, name]) => name)).toEqual(names.map((name) => `\`${name}\``));
    for (const row of rows) expect(row).toHaveLength(6);
  });

  it('shows description, expected value and default, with booleans and lists in .env syntax', () => {
    const row = (name: string) => rows.find(([, cell]) => cell === `\`${name}\``)?.slice(2, 5);
    expect(row('APP_PORT')).toEqual([
      'TCP port to listen on; 0 chooses a free port.',
      'a port from 0 to 65535',
      '`8001`',
    ]);
    expect(row('DEBUG')?.[2]).toBe('`False`');
    expect(row('CORS_ORIGINS')?.[2]).toBe('`["http://localhost:3000","http://192.168.0.112:3000"]`');
    expect(row('PGPASSWORD')?.[2]).toBe('');
    expect(row('SECRET_KEY')?.[2]).toBe('');
  });

  it('has a heading for every group', () => {
    const headings = [...configurationPage().matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([...new Set(variables.map(({ group }) => group))]);
  });
});
