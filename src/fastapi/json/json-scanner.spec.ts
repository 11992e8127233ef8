import fc from 'fast-check';
import { MAX_JSON_DEPTH } from './json-depth.js';
import { JsonSyntaxError, UnreadableBodyError } from './json-errors.js';
import { parseLossless } from './json-scanner.js';
import { JsonNumber, LosslessObject, stringifyLossless } from './lossless-json.js';

function syntaxErrorOf(text: string): { reason: string; position: number } | undefined {
  try {
    parseLossless(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      return { reason: error.reason, position: error.position };
    }
    throw error;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const value = 'Expecting value';
const propertyName = 'Expecting property name enclosed in double quotes';
const colon = "Expecting ':' delimiter";
const comma = "Expecting ',' delimiter";
const unterminated = 'Unterminated string starting at';
const controlCharacter = 'Invalid control character at';
const badEscape = 'Invalid \\escape';
const badUnicodeEscape = 'Invalid \\uXXXX escape';
const extraData = 'Extra data';

/** Recorded from `json.loads` of CPython 3.11.7. */
const recorded: [text: string, reason: string, position: number][] = [
  ['', value, 0],
  [' \t\r\n', value, 4],
  ['x', value, 0],
  ['\u00a0{}', value, 0],
  ['\ufeff{}', value, 0],
  ['{', propertyName, 1],
  ['{ ', propertyName, 2],
  ["{'a': 1}", propertyName, 1],
  ['{"a": 1,}', propertyName, 8],
  ['{"a": 1, ', propertyName, 9],
  ['{1: 2}', propertyName, 1],
  ['{"a"', colon, 4],
  ['{"a" 1}', colon, 5],
  ['{"a",', colon, 4],
  ['{"a":', value, 5],
  ['{"a": }', value, 6],
  ['{"a": 1', comma, 7],
  ['{"a": 1 "b": 2}', comma, 8],
  ['{"a": 1]', comma, 7],
  ['[', value, 1],
  ['[,', value, 1],
  ['[1', comma, 2],
  ['[1,', value, 3],
  ['[1, ]', value, 4],
  ['[1 2]', comma, 3],
  ['[1}', comma, 2],
  ['[nul]', value, 1],
  ['nulll', extraData, 4],
  ['True', value, 0],
  ['{} {}', extraData, 3],
  ['1 // one', extraData, 2],
  ['01', extraData, 1],
  ['1.', extraData, 1],
  ['1e+', extraData, 1],
  ['-', value, 0],
  ['-01', extraData, 2],
  ['[-a]', value, 1],
  ['+1', value, 0],
  ['.5', value, 0],
  ['[1.5.5]', comma, 4],
  ['"', unterminated, 0],
  [' "abc', unterminated, 1],
  ['"a\\"', unterminated, 0],
  ['"a\\', unterminated, 0],
  ['["a", "b]', unterminated, 6],
  ['{"a": "b\nc"}', controlCharacter, 8],
  ['"a\u0000"', controlCharacter, 2],
  ['"\u001f', controlCharacter, 1],
  ['"a\\x"', badEscape, 2],
  ["'\\''", value, 0],
  ['"\\u12"', badUnicodeEscape, 2],
  ['"\\u1234', badUnicodeEscape, 2],
  ['"\\u12g4"', badUnicodeEscape, 2],
  ['"\\ud83d\\u', badUnicodeEscape, 8],
  ['"\\ud83d\\uzzzz"', badUnicodeEscape, 8],
  ['"\\ud83d\\x"', badEscape, 7],
  ['{"é": "ü" x', comma, 10],
  ['{"😀😀": "👩‍💻", x', propertyName, 14],
  ['["😀\\u00zz"]', badUnicodeEscape, 4],
  ['["😀", "😀', unterminated, 6],
  ['"😀"😀', extraData, 3],
];

/** Python reads these; RFC 8259 does not. */
const refusedConstants: [text: string, position: number][] = [
  ['NaN', 0],
  ['Infinity', 0],
  ['-Infinity', 0],
  ['{"a": -Infinity}', 6],
  ['[1, NaN]', 4],
];

describe('parseLossless', () => {
  it.each(recorded)('%j: %s at %d', (text, reason, position) => {
    expect(syntaxErrorOf(text)).toEqual({ reason, position });
  });

  it.each(refusedConstants)('rejects the constant in %s', (text, position) => {
    expect(syntaxErrorOf(text)).toEqual({ reason: value, position });
  });

  it('keeps the order of keys, including integers, and the last value of a repeated key at its first position', () => {
    const document = parseLossless('{"b":1,"10":2,"2":3,"b":{"x":[]},"10":null}');
    expect(stringifyLossless(document)).toBe('{"b":{"x":[]},"10":null,"2":3}');
  });

  it('treats __proto__ and constructor as ordinary keys', () => {
    const document = parseLossless('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as LosslessObject;
    expect([...document.keys()]).toEqual(['__proto__', 'constructor']);
    expect('polluted' in {}).toBe(false);
    expect('polluted' in document).toBe(false);
  });

  it('decodes escapes, joins surrogate pairs and keeps lone surrogates', () => {
    expect(parseLossless('"\\u0041\\ud83d\\ude00\\n\\/\\b\\f\\r\\t\\"\\\\\u007f\u2028"')).toBe(
      'A😀\n/\b\f\r\t"\\\u007f\u2028',
    );
    expect(parseLossless('["\\ud800","\\udc00\\ud800"]')).toEqual(['\ud800', '\udc00\ud800']);
  });

  it('keeps an integer of 4300 digits and rejects one of 4301 at the position where Python does', () => {
    const digits = '7'.repeat(4300);
    expect(parseLossless(`-${digits}`)).toEqual(new JsonNumber(`-${digits}`));
    expect(() => parseLossless(`[7${digits} x`)).toThrow(UnreadableBodyError);
    expect(() => parseLossless(`-7${digits}`)).toThrow(UnreadableBodyError);
    expect(syntaxErrorOf(`[x, 7${digits}]`)).toEqual({ reason: value, position: 1 });
    expect(parseLossless(`"7${digits}"`)).toBe(`7${digits}`);
    expect(parseLossless(`0.7${digits}`)).toEqual(new JsonNumber('0.7777777777777778'));
  });

  it('rejects deep nesting itself, without counting siblings', () => {
    const open = '[[],{"a":'.repeat(MAX_JSON_DEPTH / 2);
    const close = '},{}]'.repeat(MAX_JSON_DEPTH / 2);
    expect(stringifyLossless(parseLossless(`${open}0${close}`))).toBe(`${open}0${close}`);
    expect(() => parseLossless(`${open}[]${close}`)).toThrow(UnreadableBodyError);
  });
});

describe('parseLossless on generated texts', () => {
  const visible = '{ } [ ] : , " \\ \\u \\ud83d \\n "a" "" "a": 0 1 - . e E+ null true nul NaN f é 😀'.split(' ');
  const token = fc.constantFrom(
    ...visible,
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\u000b',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\ud83d',
  );
  const tokens = fc.array(token, { maxLength: 12 }).map((parts) => parts.join(''));
  /** A document with one part replaced: close to JSON, but mostly invalid. */
  const damaged = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 5 }), tokens).map(([text, at, length, insert]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + insert + text.slice(start + length);
  });

  it('accepts exactly what JSON.parse accepts, with equal values', () => {
    fc.assert(
      fc.property(fc.oneof(tokens, damaged), (text) => {
        const error = syntaxErrorOf(text);
        expect(error === undefined).toBe(isJson(text));
        if (error === undefined) {
          // Serialized and parsed again, because -0 becomes 0 (as in Python) and numbers beyond a float become null.
          const rewritten: unknown = JSON.parse(stringifyLossless(parseLossless(text)));
          expect(JSON.stringify(rewritten)).toBe(JSON.stringify(JSON.parse(text)));
        } else {
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual([...text].length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('counts positions in code points, whatever precedes the error', () => {
    // Inside an array, the error for extra data has a different message.
    const rows = recorded.filter(([, reason]) => reason !== extraData);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...rows), (prefix, [text, reason, position]) => {
        const before = `[${JSON.stringify(prefix)},`;
        expect(syntaxErrorOf(before + text)).toEqual({ reason, position: [...before].length + position });
      }),
    );
  });

  it('finds an error in every proper prefix of an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        for (let length = 0; length < text.length; length++) {
          expect(syntaxErrorOf(text.slice(0, length))).toBeDefined();
        }
      }),
      { numRuns: 50 },
    );
  });
});
