import { readdirSync } from 'node:fs';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { runCommandLine } from './command-line.js';
import { COMMANDS } from './command-table.js';

/** Without settings, no command starts its work. */
const run = async (...words: string[]) => runCommandLine(words, { ENV_FILE: '/dev/null' });

async function refusal(...words: string[]): Promise<string> {
  const error = await run(...words).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).message;
}

const NAMES = COMMANDS.map(({ name }) => name);

describe('the command line', () => {
  it('has every command of the folder, once', () => {
    const files = readdirSync('src/commands').filter((file) => file.endsWith('.command.ts'));
    expect(new Set(NAMES).size).toBe(NAMES.length);
    expect(NAMES.map((name) => `${name.replace(':', '-')}.command.ts`).toSorted()).toEqual(files.toSorted());
  });

  it.each(['--help', '-h', 'help'])('prints the overview for %s', async (word) => {
    const { text, exitCode } = await run(word);
    expect(exitCode).toBeUndefined();
    expect(text).toMatch(/^Usage: node dist\/cli\.js COMMAND\n/);
    for (const name of NAMES) expect(text).toMatch(new RegExp(`^  ${name} .*[a-z]\\.$`, 'm'));
  });

  it.each(NAMES)('explains %s', async (name) => {
    const { text } = await run(name, '--help');
    expect(text).toMatch(new RegExp(`^Usage: node dist/cli\\.js ${name}( .*)?\n\n.+\\.`));
    expect(await run('help', name)).toEqual({ text });
    expect(await run(name, '--nothing', 'x', '--help')).toEqual({ text });
  });

  it('shows the options and the operands of a command', async () => {
    expect((await run('audit:verify', '--help')).text).toMatch(
      /^Usage: .* audit:verify \[--json\] \[--anchor SEQ:HASH\]\n[^]*\n {2}--json {13}Print .*\n {2}--anchor SEQ:HASH {2}Require /,
    );
    expect((await run('audit:acknowledge', '--help')).text).toMatch(/^Usage: .* audit:acknowledge ID …\n/);
  });

  it('rejects an empty command line with the overview', async () => {
    expect(await refusal()).toBe((await run('--help')).text);
  });

  it.each(['audit', 'AUDIT:SEAL', '', '--json', 'constructor'])('rejects the unknown command %j', async (name) => {
    expect(await refusal(name)).toBe(`Unknown command ${name}.\n\n${(await run('--help')).text}`);
  });

  it.each(NAMES.flatMap((name) => ['--nothing', '--nothing=1', '-x', '--__proto__'].map((option) => [name, option])))(
    'rejects, for %s, the unknown option %s by its name',
    async (name, option) => {
      const [given = ''] = option.split('=');
      expect(await refusal(name, option)).toBe(
        `${name} has no option ${given}.\n\n${(await run(name, '--help')).text}`,
      );
    },
  );

  it('rejects a switch with a value, and an option without one', async () => {
    expect(await refusal('audit:verify', '--json=yes')).toMatch(/^--json does not take a value\.\n\nUsage/);
    expect(await refusal('audit:verify', '--anchor')).toMatch(/^--anchor needs a value: SEQ:HASH\.\n\nUsage/);
    expect(await refusal('audit:verify', '--anchor=')).toMatch(/^--anchor needs a value: SEQ:HASH\.\n\nUsage/);
    expect(await refusal('audit:verify', '--anchor', 'x')).toMatch(/^--anchor needs a head of the chain/);
  });

  it.each([
    ['migration:run', 'now'],
    ['migration:revert', '2'],
    ['jobs:failed', 'all'],
    ['audit:seal', 'all'],
    ['doctor', 'all'],
    ['migration:create', 'a', 'b'],
    ['jobs:retry', '1', '2'],
  ])('rejects, for %s, surplus operands', async (name, ...operands) => {
    expect(await refusal(name, ...operands)).toMatch(`${name} has no operand ${operands.at(-1)}.\n\nUsage`);
  });
});
