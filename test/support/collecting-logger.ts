import type { Logger } from 'pino';
import { createLogger } from '../../src/platform/logging/logger.js';

/** The service's logger at level trace, and every line that it wrote. */
export function collectingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ level: 'trace', readable: false, destination }), lines };
}
