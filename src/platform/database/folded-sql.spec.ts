import { foldedSql } from './folded-sql.js';

describe('foldedSql', () => {
  it('normalises before and after the letter case, and compares bytes', () => {
    const folded = foldedSql('username').replace(/'[^']+', '[^']+'/u, '…');
    expect(folded).toBe(
      '(normalize(upper(lower(translate(normalize(username, NFKC), …) COLLATE "und-x-icu")), NFKC) COLLATE "C")',
    );
  });

  it('replaces only the capitals that an old ICU does not know with small letters', () => {
    const [, capitals = '', smalls = ''] = /'([^']+)', '([^']+)'/u.exec(foldedSql('username')) ?? [];
    const pairs = [...capitals].map((capital, index) => [capital, [...smalls][index]]);
    const known = pairs.filter(([capital]) => /^\p{L}$/u.test(capital ?? ''));
    expect(known.filter(([capital, small]) => capital?.toLowerCase() !== small)).toEqual([]);
    expect(known.length).toBeGreaterThan(150);
    expect([...smalls]).toHaveLength(pairs.length);
  });

  it('accepts any expression', () => {
    expect(foldedSql('$1::text')).toContain('normalize($1::text, NFKC)');
  });
});
