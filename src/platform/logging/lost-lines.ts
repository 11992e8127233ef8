import { Counter, type Registry } from 'prom-client';

const lost = new Map<string, number>();

/** Lines that could not be written since the process began, by where they should have gone: `stdout`, `access.log`, … */
export function lostLines(): ReadonlyMap<string, number> {
  return lost;
}

export function countLost(destination: string, lines: number): void {
  lost.set(destination, (lost.get(destination) ?? 0) + lines);
}

/** What the log could not write: of this, the log itself cannot tell. */
export function registerLostLines(registry: Registry): void {
  const counter: Counter = new Counter({
    name: 'log_lines_lost_total',
    help: 'Lines of the log that could not be written.',
    labelNames: ['destination'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [destination, lines] of lost) counter.inc({ destination }, lines);
    },
  });
}
