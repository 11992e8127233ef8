import { runCommandLine } from '../../src/commands/command-line.js';
import type { CommandResult } from '../../src/commands/command.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { variablesOf } from './service-process.js';
import { TEST_SECRET } from './test-app.js';

/** Runs a command on a database like `node dist/cli.js`, but in this process. */
export async function runCommand(database: DatabaseSettings, ...words: string[]): Promise<CommandResult> {
  return runCommandLine(words, {
    ...variablesOf(database),
    SECRET_KEY: TEST_SECRET,
    ENV_FILE: '/dev/null',
    LOG_LEVEL: 'error',
  });
}
