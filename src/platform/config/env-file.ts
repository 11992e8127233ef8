/** The contents of a `.env` file. */
export interface EnvFile {
  /**
   * Values by name, in the order of the file. The last value of a repeated name wins. A name without `=` is left out.
   */
  values: Map<string, string>;
  /** Numbers, from 1, of lines that begin something other than a setting: an open quote, a name of two words. */
  unreadableLines: number[];
}

const BLANKS = /[^\S\n]*/y;
const WHITE_SPACE = /\s*/y;
const EXPORT = /export[^\S\n]+/y;
const QUOTED_NAME = /'([^']+)'/y;
const NAME = /([^=#\s]+)/y;
const EQUALS = /=([^\S\n]*)/y;
const SINGLE_QUOTED = /'((?:\\[^]|[^'\\])*)'/y;
const DOUBLE_QUOTED = /"((?:\\[^]|[^"\\])*)"/y;
const LINE = /([^\n]*)/y;
const COMMENT_AND_END = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const VARIABLE = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

/** The meaning of escapes such as `\a` in double quotes. An escaped quote or backslash means itself. */
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Parses a `.env` file as python-dotenv 1.2 does, because the files of the Python service are used unchanged. In an
 * unquoted value only a `#` after white space begins a comment, so `PGPASSWORD=pa#ss` keeps its `#` (Node's own
 * `parseEnv` and npm's dotenv cut the value there). Quoted values may span lines. Single quotes support the escapes
 * `\\ \'`, double quotes `\\ \' \" \a \b \f \n \r \t \v`. `${NAME}` and `${NAME:-default}` insert other variables in
 * any quotes; variables of the process override earlier lines.
 */
export function parseEnvFile(
  text: string,
  processVariables: Readonly<Record<string, string | undefined>> = {},
): EnvFile {
  const reader = new Reader(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const file: EnvFile = { values: new Map(), unreadableLines: [] };
  for (;;) {
    reader.take(WHITE_SPACE);
    if (reader.atEnd) return file;
    const { line } = reader;
    const setting = readSetting(reader);
    if (setting?.value === undefined) {
      if (setting) file.values.delete(setting.name);
    } else {
      file.values.set(setting.name, interpolated(setting.value, file.values, processVariables));
    }
    if (setting) continue;
    file.unreadableLines.push(line);
    reader.take(LINE);
  }
}

function interpolated(
  value: string,
  earlier: ReadonlyMap<string, string>,
  processVariables: Readonly<Record<string, string | undefined>>,
): string {
  return value.replace(
    VARIABLE,
    (_, name: string, fallback: string | undefined) => processVariables[name] || (earlier.get(name) ?? fallback ?? ''),
  );
}

/**
 * Reads a setting or a comment up to the end of its line. Returns undefined, in the middle of it, for anything else.
 */
function readSetting(reader: Reader): { name: string; value: string | undefined } | undefined {
  reader.take(EXPORT);
  const name = reader.startsWith('#') ? '' : reader.take(reader.startsWith("'") ? QUOTED_NAME : NAME);
  if (name === undefined) return undefined;
  reader.take(BLANKS);
  const blanks = reader.take(EQUALS);
  const value = blanks === undefined ? undefined : readValue(reader, blanks !== '');
  const isValid = blanks === undefined || value !== undefined;
  return isValid && reader.take(COMMENT_AND_END) !== undefined ? { name, value } : undefined;
}

function readValue(reader: Reader, afterBlank: boolean): string | undefined {
  if (reader.startsWith("'")) return reader.take(SINGLE_QUOTED)?.replace(/\\([\\'])/g, '$1');
  if (reader.startsWith('"')) {
    return reader.take(DOUBLE_QUOTED)?.replace(/\\([\\'"abfnrtv])/g, (_, code: string) => ESCAPES[code] ?? code);
  }
  if (afterBlank && reader.startsWith('#')) return '';
  return reader
    .take(LINE)
    ?.replace(/\s+#[^]*/, '')
    .trimEnd();
}

/** Reads a string from its start, pattern by pattern. */
class Reader {
  private position = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get line(): number {
    return this.text.slice(0, this.position).split('\n').length;
  }

  startsWith(start: string): boolean {
    return this.text.startsWith(start, this.position);
  }

  /**
   * @param pattern a sticky pattern
   * @returns the match of its group, or the whole match; undefined if it does not match at this position
   */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.position = pattern.lastIndex;
    return match[1] ?? match[0];
  }
}
