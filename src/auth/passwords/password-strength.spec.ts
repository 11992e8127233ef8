import { dictionary } from '@zxcvbn-ts/language-common';
import { PasswordStrength } from './password-strength.js';

const strength = new PasswordStrength();

describe('PasswordStrength', () => {
  it('refuses the 3000 most common passwords, also in upper case or with a digit', () => {
    const common = dictionary['passwords-common']?.slice(0, 3000) ?? [];
    expect(common).toHaveLength(3000);
    const variants = common.flatMap((password) => [password, password.toUpperCase(), `${password}1`]);
    expect(variants.filter((password) => strength.isSufficient(password, []))).toEqual([]);
  });

  it.each([
    'kq8vz2mw',
    'Xk7#qv9L',
    'kestrel-voyage-amber',
    'correct horse staple',
    'ключ от сарая',
    '😀🐙🌵🎷🪁🧭🥝🛶',
  ])('accepts %s', (password) => expect(strength.isSufficient(password, [])).toBe(true));

  it('refuses variants of the words of the account', () => {
    for (const password of ['quillfeather', 'QuillFeather1', 'rehtaeflliuq', 'qu1llf3ather!']) {
      expect(strength.isSufficient(password, ['quillfeather'])).toBe(false);
    }
    expect(strength.isSufficient('quillfeather-orchard-kestrel', ['quillfeather'])).toBe(true);
  });

  it('examines only the beginning of a long password', () => {
    expect(strength.isSufficient(`${'a'.repeat(40)}kestrel-voyage-amber`, [])).toBe(false);
    expect(strength.isSufficient(`kestrel-voyage-amber${'a'.repeat(52)}`, [])).toBe(true);
  });

  it('does not throw for any string', () => {
    for (const password of ['', ' ', '\ud83d', '\u0000'.repeat(9), '\u202e'.repeat(20), '__proto__', 'constructor']) {
      expect(() => strength.isSufficient(password, ['__proto__', '\ud83d'])).not.toThrow();
    }
  });
});
