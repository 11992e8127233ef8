import fc from 'fast-check';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';

describe('isTooDeep', () => {
  const deepest = '['.repeat(MAX_JSON_DEPTH);

  it('allows MAX_JSON_DEPTH levels and no more', () => {
    expect(isTooDeep(deepest + ']'.repeat(MAX_JSON_DEPTH))).toBe(false);
    expect(isTooDeep(`${deepest}[`)).toBe(true);
    expect(isTooDeep(`${deepest}{`)).toBe(true);
    expect(isTooDeep('{"a":'.repeat(MAX_JSON_DEPTH + 1))).toBe(true);
  });

  it('accepts incomplete and malformed documents', () => {
    expect(isTooDeep(`${'[x{'.repeat(MAX_JSON_DEPTH)}]]]`)).toBe(true);
  });

  it('does not count siblings', () => {
    expect(isTooDeep(`${deepest.slice(1)}${'[],{}'.repeat(MAX_JSON_DEPTH)}`)).toBe(false);
  });

  it('does not count brackets in strings, wherever the string ends', () => {
    expect(isTooDeep(`["${deepest}"]`)).toBe(false);
    expect(isTooDeep(`["\\"${deepest}"]`)).toBe(false);
    expect(isTooDeep(`["${deepest}`)).toBe(false);
    expect(isTooDeep(`["${deepest}\\`)).toBe(false);
    expect(isTooDeep(`["\\\\"${deepest}]`)).toBe(true);
  });

  it('is exact for documents with any strings', () => {
    const levels = fc.integer({ min: MAX_JSON_DEPTH - 2, max: MAX_JSON_DEPTH + 2 });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '😀') }), levels, (string, depth) => {
        const text = `${'['.repeat(depth - 1)}{${JSON.stringify(string)}:0}${']'.repeat(depth - 1)}`;
        expect(isTooDeep(text)).toBe(depth > MAX_JSON_DEPTH);
      }),
    );
  });
});
