import fc from 'fast-check';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';

describe('isTooDeep', () => {
  const most = '['.repeat(MAX_JSON_DEPTH);

  it('allows the most levels, not one more', () => {
    expect(isTooDeep(most + ']'.repeat(MAX_JSON_DEPTH))).toBe(false);
    expect(isTooDeep(`${most}[`)).toBe(true);
    expect(isTooDeep(`${most}{`)).toBe(true);
    expect(isTooDeep('{"a":'.repeat(MAX_JSON_DEPTH + 1))).toBe(true);
  });

  it('needs neither an end nor sense', () => {
    expect(isTooDeep(`${'[x{'.repeat(MAX_JSON_DEPTH)}]]]`)).toBe(true);
  });

  it('does not count siblings', () => {
    expect(isTooDeep(`${most.slice(1)}${'[],{}'.repeat(MAX_JSON_DEPTH)}`)).toBe(false);
  });

  it('does not count brackets in strings, wherever the string ends', () => {
    expect(isTooDeep(`["${most}"]`)).toBe(false);
    expect(isTooDeep(`["\\"${most}"]`)).toBe(false);
    expect(isTooDeep(`["${most}`)).toBe(false);
    expect(isTooDeep(`["${most}\\`)).toBe(false);
    expect(isTooDeep(`["\\\\"${most}]`)).toBe(true);
  });

  it('is exact around documents with any strings', () => {
    const levels = fc.integer({ min: MAX_JSON_DEPTH - 2, max: MAX_JSON_DEPTH + 2 });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '😀') }), levels, (string, depth) => {
        const text = `${'['.repeat(depth - 1)}{${JSON.stringify(string)}:0}${']'.repeat(depth - 1)}`;
        expect(isTooDeep(text)).toBe(depth > MAX_JSON_DEPTH);
      }),
    );
  });
});
