/** A header value such as `multipart/form-data; boundary=X`. */
export interface ParameterizedHeader {
  /** The part before the first `;`, in lower case. */
  value: string;
  /** By name in lower case. The last one counts if a name is repeated. */
  parameters: Map<string, string>;
}

/**
 * Reads Content-Type and Content-Disposition as python-multipart's `parse_options_header` does. The extended syntax
 * `name*=` is ignored: RFC 7578, section 4.2 forbids it in forms.
 * @param header one character per byte
 */
export function parseParameterizedHeader(header: string): ParameterizedHeader {
  const [first = '', ...segments] = splitOutsideQuotes(header);
  const parameters = new Map<string, string>();
  for (const segment of segments) {
    const equals = segment.indexOf('=');
    // Python lower-cases the name only if a value follows.
    const name = equals < 0 ? trimBlanks(segment) : trimBlanks(segment.slice(0, equals)).toLowerCase();
    if (!name.includes('*')) parameters.set(name, equals < 0 ? '' : unquote(trimBlanks(segment.slice(equals + 1))));
  }
  return { value: trimBlanks(first).toLowerCase(), parameters };
}

/** Splits at each `;` outside quotes. `\"` does not count as a quote, inside or outside quotes. */
function splitOutsideQuotes(header: string): string[] {
  const segments: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < header.length; i += 1) {
    const character = header[i];
    if (character === '"' && header[i - 1] !== '\\') quoted = !quoted;
    if (character === ';' && !quoted) {
      segments.push(header.slice(start, i));
      start = i + 1;
    }
  }
  segments.push(header.slice(start));
  return segments;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replaceAll('\\\\', '\\').replaceAll('\\"', '"');
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
