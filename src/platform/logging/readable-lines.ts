import pinoPretty from 'pino-pretty';
import { escapeForTerminal } from './control-characters.js';

/** Makes a JSON line one for a person at a terminal, and of what a client chose nothing but text. */
export function readableLines({ colours }: { colours: boolean }): (line: string) => string {
  const format = pinoPretty.prettyFactory({
    colorize: colours,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid',
    singleLine: true,
  });
  return (line) => format(JSON.parse(line, harmless) as object);
}

/** Line ends are part of a stack, which is indented. */
function harmless(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return key === 'stack' ? value.split('\n').map(escapeForTerminal).join('\n') : escapeForTerminal(value);
}
