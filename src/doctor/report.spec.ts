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
  it('lists findings by group with their remedies, and ends with a summary', () => {
    expect(readableReport(findings, { colours: false })).toBe(`One
  pass  short        is fine
  warn  much-longer  is not
                     → Do this.

Two
  info  other        is so
                       - and so

1 passed, 1 note, 1 warning, 0 failures
Ready for production.`);
  });

  it('ends with the consequence of a failure', () => {
    expect(readableReport(failing, { colours: false })).toMatch(
      /\n1 passed, 1 note, 1 warning, 1 failure\nNot ready for production: fix the failures first\.$/,
    );
  });

  it('colours only levels, headings and the last line', () => {
    const painted = readableReport(failing, { colours: true });
    expect(painted).toContain('  \x1b[33mwarn\x1b[0m  much-longer  is not');
    expect(painted).toContain('\x1b[31mNot ready for production');
    const escape = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
    expect(painted.replaceAll(escape, '')).toBe(readableReport(failing, { colours: false }));
  });
});
