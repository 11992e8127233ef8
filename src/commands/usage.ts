import type { Command } from './command.js';

const PROGRAM = 'node dist/cli.js';

/** The help of the program, with a line for each command. */
export function overview(commands: readonly Command[]): string {
  const lines = table(commands.map((command) => [synopsis(command), command.about]));
  return `Usage: ${PROGRAM} COMMAND\n\n${lines}\n\nRun ${PROGRAM} COMMAND --help for the help of a command.`;
}

/** The help of one command. */
export function usage(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(([name, { value, about }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    about,
  ]);
  const parts = [`Usage: ${PROGRAM} ${synopsis(command)}`, command.about, command.details];
  return [...parts, options.length > 0 ? table(options) : undefined].filter((part) => part !== undefined).join('\n\n');
}

function synopsis({ name, options = {}, operands = [] }: Command): string {
  const given = Object.entries(options).map(([option, { value }]) =>
    value === undefined ? `[--${option}]` : `[--${option} ${value}]`,
  );
  return [name, ...given, ...operands].join(' ');
}

/** Formats rows in two columns. */
function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
