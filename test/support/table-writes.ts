import ts from 'typescript';

/** A position in the source that writes a table. */
export interface TableWrite {
  /** The path as passed to `findTableWrites`. */
  file: string;
  line: number;
  /** Undefined if the name is known only at run time. */
  table: string | undefined;
}

/** A placeholder in a string for a part that is known only at run time. */
const UNKNOWN = '\u0000';

const WRITING_WORDS = /insert|merge|delete|update|truncate/i;
const NAME = `(?:[\\w"${UNKNOWN}]+\\.)?[\\w"${UNKNOWN}]+`;
const WRITING_SQL = new RegExp(
  [
    `\\b(?:INSERT\\s+INTO|MERGE\\s+INTO|DELETE\\s+FROM)\\s+(?:ONLY\\s+)?(${NAME})`,
    `\\bUPDATE\\s+(?:ONLY\\s+)?(${NAME})(?:\\s+(?:AS\\s+)?\\w+)?\\s+SET\\b`,
    `\\bTRUNCATE\\s+(?:TABLE\\s+)?(?:ONLY\\s+)?(${NAME}(?:\\s*,\\s*${NAME})*)`,
  ].join('|'),
  'gi',
);

/** Methods of repositories, entity managers and query builders that write. */
const WRITING_METHODS = new Set(
  `save insert into update updateAll upsert increment decrement clear
   delete from deleteAll remove softDelete softRemove restore recover`.split(/\s+/),
);
const WRITING_BUILDERS = new Set([
  'InsertQueryBuilder',
  'UpdateQueryBuilder',
  'DeleteQueryBuilder',
  'SoftDeleteQueryBuilder',
]);

/** Finds writes in the files: SQL in any string, and TypeORM calls, whose types name the entity. */
export function findTableWrites(files: string[]): TableWrite[] {
  const program = programOf(files);
  const checker = program.getTypeChecker();
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    if (!source) throw new Error(`${file} does not exist`);
    return writesIn(file, source, checker);
  });
}

/** Loads only the types of TypeORM: those of all packages take twice as long. */
function programOf(files: string[]): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, process.cwd());
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, target, ...rest) =>
    /node_modules.(?!typeorm|typescript)/.test(file)
      ? ts.createSourceFile(file, '', target)
      : read(file, target, ...rest);
  return ts.createProgram(files, { ...options, types: [] }, host);
}

function writesIn(file: string, source: ts.SourceFile, checker: ts.TypeChecker): TableWrite[] {
  const found: TableWrite[] = [];
  const visit = (node: ts.Node): void => {
    for (const table of [...tablesInSql(node, checker), ...tablesOfCall(node, checker)]) {
      found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, table });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function tablesInSql(node: ts.Node, checker: ts.TypeChecker): (string | undefined)[] {
  return [...textOf(node, checker).matchAll(WRITING_SQL)].flatMap((match) =>
    (match.slice(1).find(Boolean) ?? UNKNOWN)
      .split(/\s*,\s*/)
      .map((name) => (name.includes(UNKNOWN) ? undefined : name.replaceAll('"', ''))),
  );
}

/** The text of a literal. Constants in a template are replaced by their values. */
function textOf(node: ts.Node, checker: ts.TypeChecker): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node) || !WRITING_WORDS.test(node.getText())) return '';
  const spans = node.templateSpans.map(({ expression, literal }) => {
    const type = checker.getTypeAtLocation(expression);
    return (type.isStringLiteral() ? type.value : UNKNOWN) + literal.text;
  });
  return node.head.text + spans.join('');
}

function tablesOfCall(node: ts.Node, checker: ts.TypeChecker): (string | undefined)[] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { expression: receiver, name } = node.expression;
  if (!WRITING_METHODS.has(name.text)) return [];
  const type = checker.getTypeAtLocation(receiver);
  const [first] = node.arguments;
  const receiverName = nameOf(type);
  if (receiverName === 'Repository') return [tableOf(typeArgument(type, checker))];
  if (receiverName === 'EntityManager') {
    return [first && tableOf(instanceOf(checker.getTypeAtLocation(first), checker))];
  }
  const built = checker.getTypeAtLocation(node);
  if (!WRITING_BUILDERS.has(nameOf(built))) return [];
  const table = tableOf(typeArgument(built, checker)) ?? tableOf(typeArgument(type, checker));
  // After `insert()` and `delete()`, `into()` and `from()` may name the entity.
  return table || first ? [table] : [];
}

function nameOf(type: ts.Type): string {
  return type.getSymbol()?.name ?? '';
}

function typeArgument(type: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  return checker.getTypeArguments(type as ts.TypeReference)[0];
}

/** The written type: `User` for `tx.insert(User, …)`, `tx.save(user)` and `tx.save([user])`. */
function instanceOf(type: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  const [constructed] = type.getConstructSignatures();
  if (constructed) return constructed.getReturnType();
  return checker.isArrayType(type) ? typeArgument(type, checker) : type;
}

/** The table of an entity: the argument of its `@Entity()`. */
function tableOf(type: ts.Type | undefined): string | undefined {
  const declaration = type?.getSymbol()?.valueDeclaration;
  if (!declaration || !ts.isClassDeclaration(declaration)) return undefined;
  for (const { expression } of ts.getDecorators(declaration) ?? []) {
    if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Entity') continue;
    const [name] = expression.arguments;
    if (name && ts.isStringLiteral(name)) return name.text;
  }
  return undefined;
}
