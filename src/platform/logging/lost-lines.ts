import { Counter, type Registry } from 'prom-client';

const lost = new Map<string, number>();

/** Number of lines that could not be written since the process started, by destination: `stdout`, `access.log`, … */
export function lostLines(): ReadonlyMap<string, number> {
  return lost;
}

export function countLost(destination: string, lines: number): void {
  lost.set(destination, (lost.get(destination) ?? 0) + lines);
}

/** Registers the metric of lost lines, which the log itself cannot report. */
export function registerLostLines(registry: Registry): void {
  const counter: Counter = new Counter({
    name: 'log_lines_lost_total',
    help: 'Log lines that could not be written.',
    labelNames: ['destination'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [destination, lines] of lost) counter.inc({ destination }, lines);
    },
  });
}
