import pinoPretty from 'pino-pretty';
import { escapeForTerminal } from './control-characters.js';

/** Creates a function that formats a JSON line for a terminal, with the control characters of all values escaped. */
export function readableLines({ colours }: { colours: boolean }): (line: string) => string {
  const format = pinoPretty.prettyFactory({
    colorize: colours,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid',
    singleLine: true,
  });
  return (line) => format(JSON.parse(line, escapeValue) as object);
}

/** Keeps the newlines of a stack, which is indented. */
function escapeValue(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return key === 'stack' ? value.split('\n').map(escapeForTerminal).join('\n') : escapeForTerminal(value);
}
