import { readableReport } from './report.js';

const findings = [
  { group: 'One', check: 'short', level: 'pass' as const, found: 'is fine' },
  { group: 'One', check: 'much-longer', level: 'warn' as const, found: 'is not', remedy: 'Do this.' },
  { group: 'Two', check: 'other', level: 'info' as const, found: 'is so\n  - and so' },
];
const failing = [
  ...findings,
  { group: 'Two', check: 'last', level: 'fail' as const, found: 'is bad', remedy: 'Do that.' },
];

describe('readableReport', () => {
  it('has a line a finding below its group, the remedy below it, and the sum', () => {
    expect(readableReport(findings, { colours: false })).toBe(`One
  pass  short        is fine
  warn  much-longer  is not
                     → Do this.

Two
  info  other        is so
                       - and so

1 passed, 1 note, 1 warning, 0 failures
Nothing stands in the way of production.`);
  });

  it('ends with what a failure means', () => {
    expect(readableReport(failing, { colours: false })).toMatch(
      /\n1 passed, 1 note, 1 warning, 1 failure\nNot fit for production: mend the failures first\.$/,
    );
  });

  it('paints levels, headings and the end, and nothing else', () => {
    const painted = readableReport(failing, { colours: true });
    expect(painted).toContain('  \x1b[33mwarn\x1b[0m  much-longer  is not');
    expect(painted).toContain('\x1b[31mNot fit for production');
    const escape = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
    expect(painted.replaceAll(escape, '')).toBe(readableReport(failing, { colours: false }));
  });
});
