import type { Writable } from 'node:stream';
import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { loggableError } from './loggable-error.js';

export interface LoggingOptions {
  /** Least severe level that is written. */
  level: string;
  /** One readable line an event, for a person at a terminal; JSON otherwise. */
  readable: boolean;
  /** Where the lines go; stdout by default. */
  destination?: Writable;
}

/** pino's own would write every property of an error, and would call what `loggableError` made an Object. */
const serializers = { err: (error: unknown) => (error instanceof Error ? loggableError(error) : error) };

/** The process's logger: JSON lines on stdout, or readable ones for a person. */
export function createLogger({ level, readable, destination }: LoggingOptions): Logger {
  const options = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, serializers };
  if (!readable) return destination ? pino(options, destination) : pino(options);
  const stream = pretty({
    colorize: destination === undefined && process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid',
    singleLine: true,
    sync: true,
    destination: destination ?? 1,
  });
  return pino({ ...options, base: undefined }, stream);
}

/** Nest's own messages through the same logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(message, context), String(message));
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.logger.fatal(fields(message, context), String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.logger.error(fields(message, context), String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(fields(message, context), String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(message, context), String(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace(fields(message, context), String(message));
  }
}

/** Nest passes a stack (for errors) and the name of the class that speaks, the name last; or a whole error as message. */
function fields(message: unknown, context: unknown[]): object {
  const [stack, name] = context.length > 1 ? context : [undefined, context[0]];
  const err = message instanceof Error ? { err: message } : {};
  return { context: name, ...err, ...(stack === undefined ? {} : { stack }) };
}
