import fc from 'fast-check';
import { FilePart, FormError } from './form-fields.js';
import { decodeMultipart } from './multipart.js';

const SYNTAX = 'There was an error parsing the body';
const NO_NAME = 'The Content-Disposition header field "name" must be provided.';
const END = '--X--\r\n';
const NAME_A = 'Content-Disposition: form-data; name="a"';

/** The body is encoded as Latin-1, so that it can contain any byte. */
const decode = (body: string, boundary = 'X') => [...decodeMultipart(Buffer.from(body, 'latin1'), boundary)];
const part = (headers: string, data: string) => `--X\r\n${headers}\r\n\r\n${data}\r\n`;
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const one = field('a', '1');

function detailOf(body: string, boundary?: string): string | undefined {
  try {
    decode(body, boundary);
  } catch (error) {
    if (error instanceof FormError) return error.detail;
    throw error;
  }
  return undefined;
}

describe('decodeMultipart', () => {
  it.each<[what: string, body: string, values: (string | FilePart)[]]>([
    ['a field', one + END, ['1']],
    ['an empty field', field('a', '') + END, ['']],
    ['repeats', one + field('b', '2') + field('a', '') + END, ['1', '']],
    ['no final line break', `${one}--X--`, ['1']],
    ['an epilogue', `${one}--X--epilogue\r\n${one}`, ['1']],
    ['a last boundary like the others', `${one}--X\r\n`, ['1']],
    ['line breaks before', `\r\n\n\r\n${one}${END}`, ['1']],
    ['LF before', `\n${one}${END}`, ['1']],
    ['a preamble after a line break', `\r\nsome text\r\n${one}${END}`, ['1']],
    ['blanks after a boundary', `${one}--X \t\r\n${field('a', '2').slice(5)}${END}`, ['1', '2']],
    ['a tab after the last boundary', `${one}--X\t\r\n`, ['1']],
    ['blanks after the last boundary', `${one}--X \t\r\n`, ['1']],
    ['line breaks in data', field('a', '\r\n1\n\r\r\n') + END, ['\r\n1\n\r\r\n']],
    ['text that resembles a boundary', field('a', '--X\r\n-X\r\n--Y\r\n--') + END, ['--X\r\n-X\r\n--Y\r\n--']],
    ['a boundary with text after', field('a', '\r\n--Xy\r\n--X-y\r\n--X\ry') + END, ['\r\n--Xy\r\n--X-y\r\n--X\ry']],
    ['a boundary in data', field('a', '\r\n--Xy\r\n--X'), ['\r\n--Xy']],
    ['a boundary right after another', field('a', '\r\n--X\r\r\n--X'), ['\r\n--X\r']],
    ['another disposition', part('Content-Disposition: attachment; name=a', '1') + END, ['1']],
    ['a header name in upper case', part('CONTENT-DISPOSITION:form-data;NAME="a"', '1') + END, ['1']],
    ['blanks around a header value', part('Content-Disposition:   form-data; name=a \t', '1') + END, ['1']],
    ['two dispositions', part(`Content-Disposition: x; name=b\r\n${NAME_A}`, '1') + END, ['1']],
    [
      'other headers',
      part(`X:\r\nX-Y: z:\n\r\n${NAME_A}\r\nContent-Transfer-Encoding: base64`, 'eA==') + END,
      ['eA=='],
    ],
    ['8 headers', part(`${NAME_A}${'\r\nX: y'.repeat(7)}`, '1') + END, ['1']],
    ['a header of 4224 bytes', part(`${NAME_A}\r\nX: ${'y'.repeat(4221)}`, '1') + END, ['1']],
    ['UTF-8', field('a', '\xc3\xa9\xf0\x9f\x98\x80') + END, ['é😀']],
    ['bytes that are not UTF-8', field('a', '\xc3\xff\xed\xa0\x80') + END, ['\udcc3\udcff\udced\udca0\udc80']],
    ['a file', part(`${NAME_A}; filename="b \xc3\xa9\xff"`, '1') + END, [new FilePart('b é\udcff')]],
    ['a file without a name', part(`${NAME_A}; filename=""`, '') + END, [new FilePart('')]],
    ['an extended file name', part(`${NAME_A}; filename*=UTF-8''b`, '1') + END, ['1']],
  ])('reads %s', (_what, body, values) => {
    expect(new Map(decode(body)).get('a')).toEqual(values);
  });

  it('keeps names as they are, in the order received', () => {
    const names = ['b', '2', '10', '__proto__', ' a ', 'A', ''];
    const body = names.map((name) => field(name, `=${name}`)).join('') + field('\xc3\xa9\xff', '') + END;
    expect(decode(body)).toEqual([...names.map((name) => [name, [`=${name}`]]), ['é\udcff', ['']]]);
  });

  it.each([
    ['an empty body', ''],
    ['the start of a boundary', '-'],
    ['a boundary', '--X'],
    ['a CR after it', '--X\r'],
    ['a line break after it', '--X\r\n'],
    ['half of the last boundary', '--X-'],
    ['the last boundary', '--X--'],
    ['text after the last boundary', `--X--${one}`],
    ['line breaks', '\r\n\r\n'],
    ['a preamble', '\r\nsome text'],
    ['half a header name', '--X\r\nContent-Disp'],
    ['half a header', '--X\r\nContent-Disposition: form-data'],
    ['a header without LF', `--X\r\n${NAME_A}\r`],
    ['one header', `--X\r\n${NAME_A}\r\n`],
    ['headers without LF', `--X\r\n${NAME_A}\r\n\r`],
    ['headers', `--X\r\n${NAME_A}\r\n\r\n`],
    ['half of the data', one.slice(0, -2)],
    ['data before a line break', one],
    ['data before half a boundary', `${one}--`],
    ['data before a boundary', `${one}--X`],
    ['data before a boundary and a CR', `${one}--X\r`],
    ['data before half of the last boundary', `${one}--X-`],
    ['data before a boundary and blanks', `${one}--X \t`],
    ['data before a boundary, blanks and a CR', `${one}--X \t\r`],
    ['data without a line break before the boundary', `--X\r\n${NAME_A}\r\n\r\n${END}`],
  ])('finds no field in a body that ends after %s', (_what, body) => {
    expect(decode(body)).toEqual([]);
  });

  it('drops only the unfinished part', () => {
    expect(decode(one + field('b', '2').slice(0, -1))).toEqual([['a', ['1']]]);
  });

  it.each<[what: string, body: string, detail: string]>([
    ['text', 'hello', SYNTAX],
    ['a preamble', `hello\r\n${one}`, SYNTAX],
    ['a hyphen in a preamble', `\r\nhe-llo\r\n${one}`, SYNTAX],
    ['another boundary', one.replace('X', 'Y'), SYNTAX],
    ['text after the first boundary', `--Xy\r\n${one}`, SYNTAX],
    ['a byte after the first boundary', '--Xy', SYNTAX],
    ['blanks after the first boundary', one.replace('X', 'X '), SYNTAX],
    ['a CR without LF after the first boundary', '--X\ry', SYNTAX],
    ['one hyphen after the first boundary', '--X-y', SYNTAX],
    ['LF after the first boundary', one.replaceAll('\r\n', '\n'), SYNTAX],
    ['text after a boundary and blanks', `${one}--X y`, SYNTAX],
    ['a CR without LF after a boundary and blanks', `${one}--X \ry`, SYNTAX],
    ['a header without a colon', part('Content-Disposition form-data', '1'), SYNTAX],
    ['a token without a colon', part('Content', '1'), SYNTAX],
    ['a blank before the colon', part('Content-Disposition : form-data; name=a', '1'), SYNTAX],
    ['a folded header', part('Content-Disposition: form-data;\r\n name=a', '1'), SYNTAX],
    ['a header without a name', part(': b', '1'), SYNTAX],
    ['a byte that is not allowed in a token', part('X\xff: y', '1'), SYNTAX],
    ['a CR within a header', part('X: y\rz', '1'), SYNTAX],
    ['a CR without LF after the headers', `--X\r\n${NAME_A}\r\n\r1`, SYNTAX],
    ['9 headers', part(`${NAME_A}${'\r\nX: y'.repeat(8)}`, '1'), SYNTAX],
    ['9 headers, the last one truncated', `--X\r\n${'X: y\r\n'.repeat(8)}X`, SYNTAX],
    ['a header of 4225 bytes', part(`${NAME_A}\r\nX: ${'y'.repeat(4222)}`, '1'), SYNTAX],
    ['a header name of 4225 bytes', `--X\r\n${'y'.repeat(4225)}`, SYNTAX],
    ['no name', part('Content-Disposition: form-data', '1'), NO_NAME],
    ['no name in the last of two dispositions', part(`${NAME_A}\r\nContent-Disposition: x`, '1'), NO_NAME],
    ['an empty disposition', part('Content-Disposition:', '1'), NO_NAME],
    ['no disposition', part('Content-Type: text/plain', '1'), NO_NAME],
    ['no headers', '--X\r\n\r\n1', NO_NAME],
    ['an extended name', part("Content-Disposition: form-data; name*=UTF-8''a", '1'), NO_NAME],
    ['a file name alone', part('Content-Disposition: form-data; filename=a', '1'), NO_NAME],
  ])('rejects %s', (_what, body, detail) => {
    expect(detailOf(body)).toBe(detail);
    expect(detailOf(`${body}\r\n${one}${END}`)).toBe(detail);
  });

  it('accepts a boundary of 0 to 256 bytes', () => {
    expect(decode((one + END).replaceAll('X', ''), '')).toEqual([['a', ['1']]]);
    for (const [length, detail] of [
      [256, undefined],
      [257, SYNTAX],
    ] as const) {
      const boundary = '\xe9'.repeat(length);
      expect(detailOf((one + END).replaceAll('X', boundary), boundary)).toBe(detail);
      expect(detailOf('', boundary)).toBe(detail);
    }
  });

  it.each([
    ['fields', one],
    ['files', part(`${NAME_A}; filename=b`, '1')],
  ])('accepts a thousand %s, regardless of the others', (kind, counted) => {
    const others = field('b', '1') + part('Content-Disposition: form-data; name=b; filename=b', '1');
    const body = counted.repeat(999) + others;
    expect(new Map(decode(body + END)).get('a')).toHaveLength(999);
    const unfinished = counted.slice(0, -3);
    expect(detailOf(body + unfinished)).toBe(`Too many ${kind}. Maximum number of ${kind} is 1000.`);
  });

  it('reads any form that a client writes', () => {
    const text = fc.string({ unit: 'binary' });
    const name = fc.string({ unit: 'grapheme' }).filter((s) => !/[\r\n"\\]/.test(s));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key }), fc.uuid(), (pairs, boundary) => {
        const parts = pairs.map(([key, value]) => field(key, value).replace('--X', `--${boundary}`));
        const body = Buffer.from(`${parts.join('')}--${boundary}--\r\n`);
        expect([...decodeMultipart(body, boundary)]).toEqual(pairs.map(([key, value]) => [key, [value]]));
      }),
    );
  });

  it('throws nothing but a FormError for any bytes', () => {
    const piece = fc.constantFrom(
      '--X',
      '\r\n',
      '\r',
      '\n',
      '-',
      '--X--',
      ' ',
      ':',
      NAME_A,
      `${NAME_A}\r\n\r\n`,
      one,
      '\xff',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary-ascii' }))), (pieces) => {
        detailOf(`--X\r\n${pieces.join('')}`);
        detailOf(pieces.join(''));
      }),
      { numRuns: 500 },
    );
  });
});
