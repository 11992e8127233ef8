import { validateSync } from 'class-validator';
import { FitsBcrypt, fitsBcrypt, PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH } from './password-length.js';

describe('fitsBcrypt', () => {
  it('counts UTF-8 bytes, as bcrypt does', () => {
    expect(fitsBcrypt('')).toBe(true);
    expect(fitsBcrypt('x'.repeat(72))).toBe(true);
    expect(fitsBcrypt('x'.repeat(73))).toBe(false);
    expect(fitsBcrypt('é'.repeat(36))).toBe(true);
    expect(fitsBcrypt('é'.repeat(37))).toBe(false);
    expect(fitsBcrypt('💡'.repeat(18))).toBe(true);
    expect(fitsBcrypt('💡'.repeat(19))).toBe(false);
  });
});

describe('FitsBcrypt', () => {
  class Registered {
    @FitsBcrypt()
    password: unknown;
  }

  const problems = (password: unknown) =>
    validateSync(Object.assign(new Registered(), { password })).map(({ constraints }) => constraints);

  it('refuses a longer password with a message that names the limit, not the password', () => {
    expect(problems('x'.repeat(72))).toEqual([]);
    expect(problems('x'.repeat(73))).toEqual([{ fitsBcrypt: 'password cannot be longer than 72 bytes' }]);
  });

  it('refuses a value that is not a string', () => {
    expect(problems(123456)).toHaveLength(1);
  });
});

it('keeps the documented limits', () => {
  expect([PASSWORD_MIN_LENGTH, PASSWORD_MAX_BYTES]).toEqual([6, 72]);
});
