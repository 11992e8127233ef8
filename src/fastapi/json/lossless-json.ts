/** A number as Python serializes it: the exact digits of an integer, `repr()` of a float. */
export class JsonNumber {
  /** @param text valid JSON, copied verbatim into the output */
  constructor(readonly text: string) {}

  /** @param source a number in the JSON grammar (RFC 8259, section 6) */
  static fromSource(source: string): JsonNumber {
    if (/[.eE]/.test(source)) {
      return new JsonNumber(pythonRepr(Number(source)));
    }
    return new JsonNumber(source === '-0' ? '0' : source);
  }
}

/**
 * An object with its keys in the order received. The last value of a repeated key has the first position, as in Python.
 */
export class LosslessObject extends Map<string, LosslessJson> {}

/** A JSON document that keeps what a JavaScript object loses: exact numbers, and the order of keys such as `"1"`. */
export type LosslessJson = null | boolean | string | JsonNumber | LosslessJson[] | LosslessObject;

/**
 * Writes compact JSON as `JSON.stringify` does: it escapes lone surrogates, omits `undefined` in objects and calls
 * `toJSON`. A JsonNumber is written verbatim, any Map as an object. Plain and lossless values may be mixed.
 * @throws TypeError for a bigint, as `JSON.stringify` does
 */
export function stringifyLossless(value: unknown): string {
  return render(value) ?? 'null';
}

function render(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    // Undefined for values that JSON cannot represent, despite the declared type of JSON.stringify.
    return JSON.stringify(value);
  }
  if (value instanceof JsonNumber) {
    return value.text;
  }
  if (value instanceof Map) {
    return renderEntries(value);
  }
  if (Array.isArray(value)) {
    return renderItems(value);
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return render(value.toJSON());
  }
  return renderEntries(Object.entries(value));
}

function renderItems(values: unknown[]): string {
  const items: string[] = [];
  for (const value of values) {
    items.push(render(value) ?? 'null');
  }
  return `[${items.join(',')}]`;
}

function renderEntries(entries: Iterable<[unknown, unknown]>): string {
  const members: string[] = [];
  for (const [name, value] of entries) {
    const text = render(value);
    if (text !== undefined) {
      members.push(`${JSON.stringify(String(name))}:${text}`);
    }
  }
  return `{${members.join(',')}}`;
}

/**
 * `repr()` of a Python float: the shortest digits that read back unchanged, with an exponent of at least two digits
 * below 1e-4 and from 1e16 on. Infinity (`1e400`) is not JSON and becomes `null`, where FastAPI fails with a 500.
 */
function pythonRepr(value: number): string {
  if (!Number.isFinite(value)) {
    return 'null';
  }
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const digits = String(magnitude);
    return sign + (digits.includes('.') ? digits : `${digits}.0`);
  }
  const [mantissa = '', exponent = ''] = magnitude.toExponential().split('e');
  return `${sign}${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}
