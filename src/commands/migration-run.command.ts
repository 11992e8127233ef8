import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrationRun: Command = {
  name: 'migration:run',
  about: 'Run the pending migrations, as every start of the service does.',
  run: async (_given, variables) =>
    withDatabase(variables, async ({ database, logger, environment }) => {
      const { runMigrations } = await import('../migrations/commands.js');
      return { text: await runMigrations(database, logger, environment) };
    }),
};
