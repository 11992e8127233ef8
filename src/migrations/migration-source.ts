interface Statement {
  query: string;
}

/**
 * The source of a migration.
 *
 * @param name kebab-case: `create-sessions`
 * @param timestamp milliseconds since 1970, by which migrations are ordered
 */
export function migrationSource(
  name: string,
  timestamp: number,
  up: readonly Statement[],
  down: readonly Statement[],
): { className: string; text: string } {
  const words = name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const className = `${words.join('')}${timestamp}`;
  const text = `import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the migration does, and why. The previous release must work with the new schema: add first, remove in a later
 * release.
 */
export class ${className} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
${statements(up)}  }

  async down(runner: QueryRunner): Promise<void> {
${statements(down)}  }
}
`;
  return { className, text };
}

function statements(list: readonly Statement[]): string {
  if (list.length === 0) return "    await runner.query('SELECT 1');\n";
  return list.map(({ query }) => `    await runner.query(\`${query.replace(/[`\\]|\$\{/g, '\\$&')}\`);\n`).join('');
}
