import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrationGenerate: Command = {
  name: 'migration:generate',
  about: 'Write a migration that brings the database in line with the entities.',
  details: 'The database is brought up to date first. NAME is in kebab-case: create-sessions.',
  operands: ['NAME'],
  run: async ({ operands: [name = ''] }, variables) =>
    withDatabase(variables, async ({ database, logger, environment }) => {
      const { generateMigration } = await import('../migrations/commands.js');
      return { text: await generateMigration(database, logger, name, environment) };
    }),
};
