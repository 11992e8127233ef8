import { appendField, FilePart, FormError, type FormFields, limitNumber, malformedForm } from './form-fields.js';
import { parseParameterizedHeader } from './header-parameters.js';
import { decodeUtf8 } from './surrogate-escape.js';

// python-multipart's limits. The length of a header line does not include its CRLF.
const MAX_BOUNDARY_BYTES = 256;
const MAX_HEADER_LINE_BYTES = 4096 + 128;
const MAX_PART_HEADERS = 8;

const CR = 0x0d;
const LF = 0x0a;
const HYPHEN = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Where reading continues, or undefined at the end of the body. An incomplete part is dropped. */
type NextPosition = number | undefined;

/**
 * Reads `multipart/form-data` (RFC 7578) as Starlette and python-multipart do: strict about syntax, but lenient if the
 * end is missing. Ignores Content-Transfer-Encoding. Text is UTF-8.
 * @param boundary as in the Content-Type, one character per byte
 * @throws FormError
 */
export function decodeMultipart(body: Buffer, boundary: string): FormFields {
  if (boundary.length > MAX_BOUNDARY_BYTES) throw malformedForm('boundary too long');
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const fields: FormFields = new Map();
  const counts = { fields: 0, files: 0 };
  let position: NextPosition = findFirstPart(body, delimiter.subarray(2));
  while (position !== undefined) {
    const headers = readHeaders(body, position);
    if (headers === undefined) break;
    const { name, filename } = readDisposition(headers.disposition);
    const kind = filename === undefined ? 'fields' : 'files';
    limitNumber(kind, (counts[kind] += 1));
    const data = readData(body, headers.end, delimiter);
    if (data === undefined) break;
    const value = filename === undefined ? decodeUtf8(body.subarray(headers.end, data.end)) : new FilePart(filename);
    appendField(fields, name, value);
    position = data.next;
  }
  return fields;
}

/** Skips a preamble, which is allowed if it starts with a line break and contains no hyphen. */
function findFirstPart(body: Buffer, dashBoundary: Buffer): NextPosition {
  const start = body[0] === CR || body[0] === LF ? body.indexOf(HYPHEN) : 0;
  if (start < 0) return undefined;
  const found = body.subarray(start, start + dashBoundary.length);
  if (!found.equals(dashBoundary.subarray(0, found.length))) throw malformedForm('no boundary at the start');
  const after = start + dashBoundary.length;
  const first = body[after];
  const second = body[after + 1];
  if (first === undefined) return undefined;
  if (first !== CR && first !== HYPHEN) throw malformedForm('no line break after the first boundary');
  if (second === undefined) return undefined;
  if (second !== (first === CR ? LF : HYPHEN)) throw malformedForm('no line break after the first boundary');
  return first === CR ? after + 2 : undefined;
}

/** `end` is where the part's data starts. `disposition` is '' if the part has none. */
function readHeaders(body: Buffer, start: number): { disposition: string; end: number } | undefined {
  let disposition = '';
  let position = start;
  for (let count = 1; position < body.length; count += 1) {
    if (body[position] === CR) {
      return endsLine(body, position) ? { disposition, end: position + 2 } : undefined;
    }
    if (count > MAX_PART_HEADERS) throw malformedForm('too many headers in a part');
    const header = readHeader(body, position);
    if (header === undefined) return undefined;
    if (header.name === 'content-disposition') disposition = header.value;
    position = header.next;
  }
  return undefined;
}

function readHeader(body: Buffer, start: number): { name: string; value: string; next: number } | undefined {
  const cr = body.indexOf(CR, start);
  const end = cr < 0 ? body.length : cr;
  if (end - start > MAX_HEADER_LINE_BYTES) throw malformedForm('header of a part too long');
  const line = body.toString('latin1', start, end);
  const colon = line.indexOf(':');
  const name = colon < 0 ? line : line.slice(0, colon);
  if (!TOKEN.test(name) || (colon < 0 && cr >= 0)) throw malformedForm('invalid header name in a part');
  if (cr < 0 || !endsLine(body, cr)) return undefined;
  return { name: name.toLowerCase(), value: line.slice(colon + 1), next: cr + 2 };
}

/** Whether an LF follows the CR at `cr`. False only at the end of the body. */
function endsLine(body: Buffer, cr: number): boolean {
  const next = body[cr + 1];
  if (next !== undefined && next !== LF) throw malformedForm('a CR without LF');
  return next === LF;
}

function readDisposition(header: string): { name: string; filename: string | undefined } {
  const { parameters } = parseParameterizedHeader(header);
  const name = parameters.get('name');
  const filename = parameters.get('filename');
  if (name === undefined) throw new FormError('The Content-Disposition header field "name" must be provided.');
  return { name: decodeParameter(name), filename: filename === undefined ? undefined : decodeParameter(filename) };
}

function decodeParameter(text: string): string {
  return decodeUtf8(Buffer.from(text, 'latin1'));
}

/** Finds the delimiter that ends the data starting at `start`. `next` is undefined after the closing delimiter. */
function readData(body: Buffer, start: number, delimiter: Buffer): { end: number; next: NextPosition } | undefined {
  let end = body.indexOf(delimiter, start);
  while (end >= 0) {
    const after = end + delimiter.length;
    const first = body[after];
    const second = body[after + 1];
    if (first === CR && second === LF) return { end, next: after + 2 };
    if (first === HYPHEN && second === HYPHEN) return { end, next: undefined };
    if (first === SPACE || first === TAB) {
      const next = skipPadding(body, after);
      return next === undefined ? undefined : { end, next };
    }
    // Followed by anything else, the delimiter is part of the data.
    end = body.indexOf(delimiter, after);
  }
  return undefined;
}

/** Skips blanks between a delimiter and its line break (RFC 2046, section 5.1.1: transport padding). */
function skipPadding(body: Buffer, start: number): NextPosition {
  let position = start;
  while (body[position] === SPACE || body[position] === TAB) position += 1;
  if (position === body.length) return undefined;
  if (body[position] !== CR) throw malformedForm('text after a boundary');
  return endsLine(body, position) ? position + 2 : undefined;
}
