/** `$userId`. PostgreSQL's own parameters are `$1` and so on. */
const PARAMETER = /\$([a-z]\w*)/gi;

/**
 * A handwritten statement with named parameters. Use TypeORM's query builder unless SQL is necessary; then put the
 * statement into a file `*.sql.ts` with a comment that says why.
 *
 * @example
 * const RENAME = new SqlStatement<{ id: number; name: string }>('UPDATE things SET name = $name WHERE id = $id');
 * await tx.query(RENAME.text, RENAME.values({ id, name }));
 */
export class SqlStatement<Values extends object = Record<string, never>> {
  /** The statement with numbered parameters. */
  readonly text: string;
  private readonly names: string[] = [];

  constructor(source: string) {
    this.text = source.replace(PARAMETER, (_parameter, name: string) => {
      if (!this.names.includes(name)) this.names.push(name);
      return `$${this.names.indexOf(name) + 1}`;
    });
  }

  /** The values in the order of the numbered parameters. */
  values(values: Values): unknown[] {
    return this.names.map((name) => {
      if (!(name in values)) throw new Error(`the statement has no value for $${name}`);
      return values[name as keyof Values];
    });
  }
}
