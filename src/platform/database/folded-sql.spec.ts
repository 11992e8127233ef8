import { foldedSql } from './folded-name.js';

describe('foldedSql', () => {
  it('normalises before and after the letter case, and compares bytes', () => {
    expect(foldedSql('username')).toBe(
      '(normalize(upper(lower(normalize(username, NFKC) COLLATE "und-x-icu")), NFKC) COLLATE "C")',
    );
  });

  it('takes any expression', () => {
    expect(foldedSql('$1::text')).toContain('normalize($1::text, NFKC)');
  });
});
