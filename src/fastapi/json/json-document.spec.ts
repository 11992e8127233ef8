import fc from 'fast-check';
import { MAX_JSON_DEPTH } from './json-depth.js';
import { decodeJson, decodeJsonText } from './json-document.js';
import { JsonSyntaxError, UnreadableBodyError } from './json-errors.js';

const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const login = Buffer.from('{"username":"zoë😀"}');

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('decodeJson', () => {
  it('returns the same value as JSON.parse for any document', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(decodeJson(Buffer.from(text))).toEqual(JSON.parse(Buffer.from(text).toString()));
      }),
    );
  });

  it('accepts a single byte order mark', () => {
    expect(decodeJson(Buffer.concat([bom, login]))).toEqual({ username: 'zoë😀' });
    const error = thrownBy(() => decodeJson(Buffer.concat([bom, bom, login])));
    expect(error).toMatchObject({ reason: 'Expecting value', position: 0 });
  });

  it('counts positions after the byte order mark, in code points', () => {
    const error = thrownBy(() => decodeJson(Buffer.concat([bom, Buffer.from('["😀"')])));
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(error).toMatchObject({ reason: "Expecting ',' delimiter", position: 4 });
  });

  it.each([
    ['', 0],
    [' \n ', 3],
    ['{"a":NaN}', 5],
    ['-Infinity', 0],
  ])('finds no value in %j', (text, position) => {
    expect(thrownBy(() => decodeJson(Buffer.from(text)))).toMatchObject({ reason: 'Expecting value', position });
  });

  it.each([
    ['a byte that cannot start a character', [0x22, 0xff, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
    ['an overlong encoding', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a truncated sequence', [0x22, 0xf0, 0x9f, 0x98]],
    ['invalid bytes after a syntax error', [0x78, 0xff]],
    ['UTF-16 with a byte order mark', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['UTF-16 little-endian', [...Buffer.from('{"a":1}', 'utf16le')]],
    ['UTF-16 big-endian', [0x00, 0x7b, 0x00, 0x7d]],
    ['UTF-16, one character', [0x31, 0x00]],
    ['UTF-32 little-endian', [0x31, 0x00, 0x00, 0x00]],
  ])('rejects %s as unreadable', (_what, bytes) => {
    expect(() => decodeJson(Buffer.from(bytes))).toThrow(UnreadableBodyError);
  });

  it('reports a NUL that is not UTF-16 as an invalid control character', () => {
    const error = thrownBy(() => decodeJson(Buffer.from('"a\u0000"')));
    expect(error).toMatchObject({ reason: 'Invalid control character at', position: 2 });
  });

  it('keeps an escaped lone surrogate', () => {
    expect(decodeJson(Buffer.from('{"a":"\\ud800"}'))).toEqual({ a: '\ud800' });
  });

  it('makes __proto__ an own property and pollutes nothing', () => {
    const document = decodeJson(Buffer.from('{"__proto__":{"admin":true},"a":1}')) as object;
    expect(Object.getOwnPropertyNames(document)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect('admin' in {}).toBe(false);
  });

  it.each(['[', '{"a":', '[{"":', '[0,['])('rejects thousands of levels of %s, closed or not', (level) => {
    expect(() => decodeJson(Buffer.from(level.repeat(5000)))).toThrow(UnreadableBodyError);
    expect(() => decodeJson(Buffer.from(`${level.repeat(5000)}]}}x`))).toThrow(UnreadableBodyError);
  });

  it('reads exactly MAX_JSON_DEPTH levels', () => {
    const text = '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH);
    expect(JSON.stringify(decodeJson(Buffer.from(text)))).toBe(text);
    expect(() => decodeJson(Buffer.from(`[${text}]`))).toThrow(UnreadableBodyError);
  });

  it('rejects an integer of more than 4300 digits, but not such a string or fraction', () => {
    const digits = '1234567890'.repeat(430) + '1';
    expect(() => decodeJson(Buffer.from(digits))).toThrow(UnreadableBodyError);
    expect(() => decodeJson(Buffer.from(`{"a":[-${digits}`))).toThrow(UnreadableBodyError);
    expect(decodeJson(Buffer.from(digits.slice(1)))).toBe(Infinity);
    expect(decodeJson(Buffer.from(`["${digits}",0.${digits}]`))).toEqual([digits, 0.12345678901234568]);
    const afterError = thrownBy(() => decodeJson(Buffer.from(`[x,${digits}]`)));
    expect(afterError).toMatchObject({ reason: 'Expecting value', position: 1 });
  });

  it('does not quote the body in its errors', () => {
    for (const text of ['{"password":"s3cret" x', '{"password":"s3cret\u00ff', '"s3cret']) {
      for (const body of [Buffer.from(text), Buffer.from(text, 'latin1')]) {
        expect(String(thrownBy(() => decodeJson(body)))).not.toContain('s3cret');
      }
    }
  });
});

describe('decodeJsonText', () => {
  it('returns the text without the byte order mark', () => {
    expect(decodeJsonText(login)).toBe('{"username":"zoë😀"}');
    expect(decodeJsonText(Buffer.concat([bom, login]))).toBe('{"username":"zoë😀"}');
    expect(decodeJsonText(Buffer.alloc(0))).toBe('');
  });
});
