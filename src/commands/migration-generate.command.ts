import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrationGenerate: Command = {
  name: 'migration:generate',
  about: 'Generate a migration that changes the database to match the entities.',
  details: 'Pending migrations run first. NAME is in kebab-case: create-sessions.',
  operands: ['NAME'],
  run: async ({ operands: [name = ''] }, variables) =>
    withDatabase(variables, async ({ database, logger, environment }) => {
      const { generateMigration } = await import('../migrations/commands.js');
      return { text: await generateMigration(database, logger, name, environment) };
    }),
};
