import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrationRevert: Command = {
  name: 'migration:revert',
  about: 'Revert the newest migration.',
  run: async (_given, variables) =>
    withDatabase(variables, async ({ database, logger }) => {
      const { revertMigration } = await import('../migrations/commands.js');
      return { text: await revertMigration(database, logger) };
    }),
};
