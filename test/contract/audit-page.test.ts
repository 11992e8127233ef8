import { readFileSync, writeFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/audit/actions.js';
import { AUDIT_FINDINGS } from '../../src/audit/findings.js';

const PAGE = 'docs/audit.md';

/** As prettier writes it. */
function tableOf([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

describe('docs/audit.md', () => {
  it('has the table of actions that the source makes (UPDATE_GENERATED=1 writes it)', () => {
    const rows = Object.entries(AUDIT_ACTIONS).map(([action, { outcome, about }]) => [`\`${action}\``, outcome, about]);
    const table = tableOf([['action', 'outcome', 'happened'], ...rows]);
    const text = readFileSync(PAGE, 'utf8');
    const wanted = text.replace(/(<!-- actions -->\n)[^]*(<!-- \/actions -->)/, `$1\n${table}\n\n$2`);
    if (process.env.UPDATE_GENERATED === '1') writeFileSync(PAGE, wanted);
    expect(readFileSync(PAGE, 'utf8')).toBe(wanted);
  });

  it('explains every finding', () => {
    const explained = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+\.\w+)` +\| [a-z]/gm)].map(([, kind]) => kind);
    expect(explained).toEqual(expect.arrayContaining([...AUDIT_FINDINGS]));
  });
});
