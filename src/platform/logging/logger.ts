import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export interface LoggingOptions {
  /** Least severe level that is written. */
  level: string;
  /** One readable line an event, for a person at a terminal; JSON otherwise. */
  readable: boolean;
}

/** The process's logger: JSON lines on stdout, or readable ones for a person. */
export function createLogger({ level, readable }: LoggingOptions): Logger {
  const options = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (!readable) return pino(options);
  const stream = pretty({ colorize: process.stdout.isTTY, translateTime: 'SYS:HH:MM:ss', ignore: 'pid', sync: true });
  return pino({ ...options, base: undefined }, stream);
}

/** Nest's own messages through the same logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), String(message));
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.logger.fatal(fields(context), String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.logger.error(fields(context), String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(fields(context), String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), String(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace(fields(context), String(message));
  }
}

/** Nest passes a stack (for errors) and the name of the class that speaks, the name last. */
function fields(context: unknown[]): object {
  const [stack, name] = context.length > 1 ? context : [undefined, context[0]];
  return { context: name, ...(stack === undefined ? {} : { stack }) };
}
