import { SqlStatement } from './sql-statement.js';

describe('SqlStatement', () => {
  const statement = new SqlStatement<{ id: number; name: string | null }>(
    'UPDATE things SET name = $name::text, "at" = to_char(now(), \'HH24:MI\') WHERE id = $id AND name <> $name',
  );

  it('numbers its parameters, each name once', () => {
    expect(statement.text).toBe(
      'UPDATE things SET name = $1::text, "at" = to_char(now(), \'HH24:MI\') WHERE id = $2 AND name <> $1',
    );
    expect(statement.values({ id: 7, name: 'x' })).toEqual(['x', 7]);
  });

  it('passes null, but refuses a missing value', () => {
    expect(statement.values({ id: 7, name: null })).toEqual([null, 7]);
    expect(() => statement.values({ id: 7 } as never)).toThrow('no value for $name');
  });

  it('may have no parameters', () => {
    expect(new SqlStatement('SELECT 1').values({})).toEqual([]);
  });
});
