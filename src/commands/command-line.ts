import { parseArgs } from 'node:util';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { COMMANDS } from './command-table.js';
import type { Command, CommandArguments, CommandResult } from './command.js';
import { overview, usage } from './usage.js';

const HELP = new Set(['--help', '-h', 'help']);

/**
 * Runs the command of a command line, or returns its help.
 *
 * @param line the words after the name of the program
 * @throws ConfigurationError for an unknown command or invalid arguments
 */
export async function runCommandLine(
  [name, ...words]: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  if (name === undefined) throw new ConfigurationError(overview(COMMANDS));
  if (HELP.has(name)) return { text: words[0] === undefined ? overview(COMMANDS) : usage(getCommand(words[0])) };
  const command = getCommand(name);
  if (words.includes('--help')) return { text: usage(command) };
  return command.run(parse(command, words), variables);
}

function getCommand(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) throw new ConfigurationError(`Unknown command ${name}.\n\n${overview(COMMANDS)}`);
  return command;
}

function parse(command: Command, words: readonly string[]): CommandArguments {
  const { name, options = {}, operands = [] } = command;
  const refuse = (reason: string): ConfigurationError => new ConfigurationError(`${reason}\n\n${usage(command)}`);
  // Not strict: the messages of the strict mode do not name the command.
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(options).map(([option, { value }]) => [option, { type: value ? 'string' : 'boolean' }] as const),
    ),
    strict: false,
    tokens: true,
  });
  const given: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw refuse(`${name} has no option ${token.rawName}.`);
    if (option.value && !token.value) throw refuse(`${token.rawName} needs a value: ${option.value}.`);
    if (!option.value && token.value !== undefined) throw refuse(`${token.rawName} does not take a value.`);
    given[token.name] = token.value ?? true;
  }
  const found = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const surplus = operands.at(-1)?.endsWith('…') ? [] : found.slice(operands.length);
  if (surplus.length > 0) throw refuse(`${name} has no operand ${surplus.join(' ')}.`);
  return { options: given, operands: found };
}
