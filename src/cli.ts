import { runCommandLine } from './commands/command-line.js';
import { exitWith } from './exit.js';

try {
  const { text, exitCode = 0 } = await runCommandLine(process.argv.slice(2), process.env);
  process.stdout.write(`${text}\n`);
  process.exitCode = exitCode;
} catch (error) {
  await exitWith(error);
}
