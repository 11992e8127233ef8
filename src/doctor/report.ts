import type { Level } from './checks/finding.js';
import type { Finding } from './diagnose.js';

export interface ReportOptions {
  /** Colours for a terminal. */
  colours: boolean;
}

const COLOURS: Readonly<Record<Level, number>> = { pass: 32, info: 36, warn: 33, fail: 31 };

const LEVELS: readonly [level: Level, singular: string, plural: string][] = [
  ['pass', 'passed', 'passed'],
  ['info', 'note', 'notes'],
  ['warn', 'warning', 'warnings'],
  ['fail', 'failure', 'failures'],
];

/** The report for people: one line per finding with its remedy, by group, and a summary. */
export function readableReport(findings: readonly Finding[], { colours }: ReportOptions): string {
  const paint = (code: number, text: string): string => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines: string[] = [];
  let group = '';
  for (const finding of findings) {
    if (finding.group !== group) lines.push('', paint(1, finding.group));
    group = finding.group;
    const { level, check, found, remedy } = finding;
    const indent = ' '.repeat(width + 10);
    lines.push(`  ${paint(COLOURS[level], level)}  ${check.padEnd(width)}  ${found.replaceAll('\n', `\n${indent}`)}`);
    if (remedy) lines.push(`${indent}→ ${remedy}`);
  }
  const failed = findings.some(({ level }) => level === 'fail');
  lines.push('', summary(findings), paint(COLOURS[failed ? 'fail' : 'pass'], VERDICTS[failed ? 'fail' : 'pass']));
  return lines.slice(1).join('\n');
}

const VERDICTS = {
  pass: 'Ready for production.',
  fail: 'Not ready for production: fix the failures first.',
} as const;

function summary(findings: readonly Finding[]): string {
  return LEVELS.map(([counted, singular, plural]) => {
    const count = findings.filter(({ level }) => level === counted).length;
    return `${count} ${count === 1 ? singular : plural}`;
  }).join(', ');
}
