import { type Logger, pino } from 'pino';

/** A logger of the most talkative level, and every line that it wrote. */
export function collectingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), lines };
}
