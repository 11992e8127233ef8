import type { Command } from './command.js';

export const migrationCreate: Command = {
  name: 'migration:create',
  about: 'Create an empty migration.',
  details: 'NAME is in kebab-case: create-sessions.',
  operands: ['NAME'],
  run: async ({ operands: [name = ''] }) => {
    const { createMigration } = await import('../migrations/commands.js');
    return { text: createMigration(name) };
  },
};
