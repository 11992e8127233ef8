const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$/;
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/**
 * Reads the text of a `.env` file as python-dotenv does, because the files of the Python service move over unchanged:
 * in an unquoted value only a `#` after white space begins a comment, so `PGPASSWORD=pa#ss` keeps its `#` (Node's own
 * `parseEnv` and npm's dotenv cut there). Single quotes are literal, double quotes know `\n \r \t \" \\`.
 *
 * @returns names to values, the last of a repeated name, in the order of the file
 */
export function parseEnvFile(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const match = LINE.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], valueOf(match[2] ?? ''));
  }
  return values;
}

function valueOf(raw: string): string {
  const quoted = /^(['"])((?:\\.|(?!\1).)*)\1\s*(?:#.*)?$/.exec(raw);
  if (quoted?.[1] === "'") return quoted[2] ?? '';
  if (quoted?.[1] === '"') return (quoted[2] ?? '').replace(/\\([nrt"\\])/g, (_, code: string) => ESCAPES[code] ?? code);
  return raw.replace(/(?:^|\s)#.*$/, '').trimEnd();
}
