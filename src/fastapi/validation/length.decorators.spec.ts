import { validateSync } from 'class-validator';
import { codePoints, MaxCodePoints, MinCodePoints } from './length.decorators.js';

class Bounded {
  @MinCodePoints(2)
  @MaxCodePoints(4)
  text: unknown;
}

function violated(text: unknown): string[] {
  const [error] = validateSync(Object.assign(new Bounded(), { text }));
  return Object.keys(error?.constraints ?? {});
}

describe('codePoints', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 2],
    ['💡', 1],
    ['❤\ufe0f', 2],
    ['👨‍👩‍👧', 5],
    ['\ud800', 1],
  ])('counts %j as Python does', (text, expected) => {
    expect(codePoints(text)).toBe(expected);
  });
});

describe('MinCodePoints and MaxCodePoints', () => {
  it.each(['ab', 'abcd', '💡💡', '💡💡💡💡', '❤\ufe0f'])('accept %j', (text) => {
    expect(violated(text)).toEqual([]);
  });

  it.each([
    ['', 'minLength'],
    ['a', 'minLength'],
    ['💡', 'minLength'],
    ['abcde', 'maxLength'],
    ['💡💡💡💡💡', 'maxLength'],
    ['❤\ufe0f❤\ufe0f❤', 'maxLength'],
  ])('reject %j with the constraint %s', (text, constraint) => {
    expect(violated(text)).toEqual([constraint]);
  });

  it.each([[1], [null], [['a', 'b']]])('reject %j, which is not a string', (text) => {
    expect(violated(text).toSorted()).toEqual(['maxLength', 'minLength']);
  });
});
