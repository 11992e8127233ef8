import fc from 'fast-check';
import { decodeUtf8 } from './surrogate-escape.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** The inverse: a lone U+DC80..U+DCFF becomes its low byte, anything else UTF-8. */
function encode(text: string): Buffer {
  return Buffer.concat(
    Array.from(text, (character) =>
      /^[\udc80-\udcff]$/.test(character) ? Buffer.from([character.charCodeAt(0) - 0xdc00]) : Buffer.from(character),
    ),
  );
}

describe('decodeUtf8', () => {
  it.each([
    ['', ''],
    ['61', 'a'],
    ['c3a9', 'é'],
    ['efbbbf 61', '\ufeffa'],
    ['ff', '\udcff'],
    ['80', '\udc80'],
    ['61 ff 62', 'a\udcffb'],
    ['c3a9 ff f09f9880 e282ac 00', 'é\udcff😀€\0'],
    // Truncated at the end and before another character.
    ['c3', '\udcc3'],
    ['e282', '\udce2\udc82'],
    ['f09f98', '\udcf0\udc9f\udc98'],
    ['e282 61', '\udce2\udc82a'],
    ['f09f98 c3a9', '\udcf0\udc9f\udc98é'],
    // Overlong encodings, surrogates and code points above U+10FFFF, each with the nearest well-formed character.
    ['c080', '\udcc0\udc80'],
    ['c1bf', '\udcc1\udcbf'],
    ['ff c280', '\udcff\u0080'],
    ['e09fbf', '\udce0\udc9f\udcbf'],
    ['ff e0a080', '\udcff\u0800'],
    ['eda080', '\udced\udca0\udc80'],
    ['ff ed9fbf ee8080', '\udcff\ud7ff\ue000'],
    ['f08fbfbf', '\udcf0\udc8f\udcbf\udcbf'],
    ['ff f0908080', '\udcff\u{10000}'],
    ['f4908080', '\udcf4\udc90\udc80\udc80'],
    ['ff f48fbfbf', '\udcff\u{10ffff}'],
    ['f5808080', '\udcf5\udc80\udc80\udc80'],
  ])('reads the bytes %s', (hex, text) => {
    expect(decodeUtf8(bytes(hex))).toBe(text);
  });

  it('keeps the text around bytes that are not UTF-8', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const body = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
        expect(decodeUtf8(body)).toBe(`${before}\udcff${after}`);
      }),
    );
  });

  it('loses no byte of any input', () => {
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x8f),
    );
    fc.assert(
      fc.property(fc.array(byte), (array) => {
        expect(encode(decodeUtf8(Buffer.from(array)))).toEqual(Buffer.from(array));
      }),
    );
  });

  it('reads long text', () => {
    expect(decodeUtf8(Buffer.alloc(100_001, 0xff))).toBe('\udcff'.repeat(100_001));
  });
});
