import { readFileSync, writeFileSync } from 'node:fs';

/** A Markdown table as Prettier formats it. */
function tableOf([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Compares the table between `<!-- name -->` and `<!-- /name -->` in a page; UPDATE_GENERATED=1 writes it. */
export function expectGeneratedTable(page: string, name: string, rows: string[][]): void {
  const text = readFileSync(page, 'utf8');
  const between = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- /${name} -->)`);
  expect(text).toMatch(between);
  const wanted = text.replace(between, (_, begin: string, end: string) => `${begin}\n${tableOf(rows)}\n\n${end}`);
  if (process.env.UPDATE_GENERATED === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
}
