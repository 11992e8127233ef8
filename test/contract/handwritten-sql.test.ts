import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Folders that read and write through TypeORM, and the number of SQL statements that they may have. */
const MOST: Readonly<Record<string, number>> = { 'src/auth src/account src/users': 10, 'src/audit': 20 };

/** The beginning of an SQL statement. */
const STATEMENT =
  /^\s*(?:SELECT|WITH|INSERT INTO|UPDATE|DELETE FROM|MERGE|TRUNCATE|LOCK|SET|CALL|DO|COPY|CREATE|ALTER|DROP)\s+["\w($]/;
const REASON = /^\s*(?:\/\*)?\*\s*SQL because \S/m;

interface Source {
  file: string;
  text: string;
}

interface Handwritten {
  file: string;
  text: string;
  /** Whether a comment gives the reason for SQL. */
  isJustified: boolean;
}

/** The handwritten statements in a file: each string that begins like a statement. */
function statementsIn({ file, text }: Source): Handwritten[] {
  const found: Handwritten[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const isText = ts.isTemplateExpression(node) || ts.isStringLiteralLike(node);
    const sql = isText ? node.getText(source).slice(1, -1) : '';
    if (STATEMENT.test(sql)) found.push({ file, text: sql, isJustified: REASON.test(commentOf(node, source)) });
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The comment before the declaration that a node belongs to. */
function commentOf(node: ts.Node, source: ts.SourceFile): string {
  let declaration = node;
  while (declaration.parent !== source) declaration = declaration.parent;
  return source.text.slice(declaration.getFullStart(), declaration.getStart(source));
}

/** Violations of the rules for handwritten statements. */
function problemsOf(statements: readonly Handwritten[], most: number): string[] {
  return [
    ...(statements.length > most ? [`${statements.length} statements, more than ${most}`] : []),
    ...statements
      .filter(({ file }) => !file.endsWith('.sql.ts'))
      .map(({ file, text }) => `${file}: not in a .sql.ts: ${text}`),
    ...statements.filter(({ isJustified }) => !isJustified).map(({ file, text }) => `${file}: no reason: ${text}`),
  ];
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((name) => {
      const file = join(folder, name);
      return { file, text: readFileSync(file, 'utf8') };
    });
}

describe('handwritten SQL statements', () => {
  it.each(Object.entries(MOST))('in %s number at most %i, are in .sql.ts files and have a reason', (folders, most) => {
    const statements = folders.split(' ').flatMap(sourcesIn).flatMap(statementsIn);
    expect(statements.length).toBeGreaterThan(0);
    expect(problemsOf(statements, most)).toEqual([]);
  });

  it('are detected outside .sql.ts files and without a reason', () => {
    const file = 'src/users/users.sql.ts';
    const valid = statementsIn({
      file,
      text: '/** Finds.\n *\n * SQL because x. */\nexport const A = new S(`\n SELECT ${b}`);',
    });
    expect(problemsOf(valid, 1)).toEqual([]);
    expect(problemsOf(valid, 0)).toEqual(['1 statements, more than 0']);
    const bare = statementsIn({ file, text: "/** Finds. */\nconst A = 'SELECT 1';" });
    expect(problemsOf(bare, 1)).toEqual([`${file}: no reason: SELECT 1`]);
    const inline = statementsIn({
      file: 'src/users/a.ts',
      text: '// SQL because x.\nawait tx.query(`DELETE FROM users`);',
    });
    expect(problemsOf(inline, 1)).toContain('src/users/a.ts: not in a .sql.ts: DELETE FROM users');
    expect(
      statementsIn({ file, text: "const A = 'UPDATE'; const B = 'update of a name'; const C = `now() - ${d}`;" }),
    ).toEqual([]);
  });
});
