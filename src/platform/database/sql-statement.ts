/** `$userId`. PostgreSQL's own parameters are `$1` and so on. */
const PARAMETER = /\$([a-z]\w*)/gi;

/**
 * A handwritten statement whose parameters have names. TypeORM's query builder is the rule: a statement belongs into
 * a file `*.sql.ts`, and its comment says why it is SQL.
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

  /** The values in the order of the numbers. */
  values(values: Values): unknown[] {
    return this.names.map((name) => {
      if (!(name in values)) throw new Error(`the statement has no value for $${name}`);
      return values[name as keyof Values];
    });
  }
}
