/** What a `.env` file says. */
export interface EnvFile {
  /** Names to values, the last of a repeated name, in the order of the file. A name without `=` is left out. */
  values: Map<string, string>;
  /** Numbers of the lines, from 1, at which something begins that is no setting: an open quote, a name of two words. */
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

/** What `\a` and its like stand for in double quotes; a quote or a backslash stands for itself. */
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Reads the text of a `.env` file as python-dotenv 1.2 does, because the files of the Python service move over unchanged:
 * in an unquoted value only a `#` after white space begins a comment, so `PGPASSWORD=pa#ss` keeps its `#` (Node's own
 * `parseEnv` and npm's dotenv cut there). Quoted values may span lines. Single quotes know `\\ \'`, double quotes
 * `\\ \' \" \a \b \f \n \r \t \v`. `${NAME}` and `${NAME:-default}` stand for other variables, whatever the quotes; the
 * process wins over the lines above, as everywhere.
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
  above: ReadonlyMap<string, string>,
  processVariables: Readonly<Record<string, string | undefined>>,
): string {
  return value.replace(
    VARIABLE,
    (_, name: string, fallback: string | undefined) => processVariables[name] || (above.get(name) ?? fallback ?? ''),
  );
}

/** A setting or a comment up to the end of its line; undefined, having read a part of it, for anything else. */
function readSetting(reader: Reader): { name: string; value: string | undefined } | undefined {
  reader.take(EXPORT);
  const name = reader.startsWith('#') ? '' : reader.take(reader.startsWith("'") ? QUOTED_NAME : NAME);
  if (name === undefined) return undefined;
  reader.take(BLANKS);
  const gap = reader.take(EQUALS);
  const value = gap === undefined ? undefined : readValue(reader, gap !== '');
  const isWhole = gap === undefined || value !== undefined;
  return isWhole && reader.take(COMMENT_AND_END) !== undefined ? { name, value } : undefined;
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

/** A text that is read from its start, piece by piece, never going back. */
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

  /** @param pattern sticky; @returns what its group holds, or all of it; undefined when it does not match here */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.position = pattern.lastIndex;
    return match[1] ?? match[0];
  }
}
