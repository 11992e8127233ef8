import { languageOf } from './mail-language.js';

describe('languageOf', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE-de', 'de'],
    ['de-Latn-DE-1996', 'de'],
    ['fr, de;q=0.9, en;q=0.8', 'de'],
    ['en;q=0.5, de;q=0.501', 'de'],
    ['en, de', 'en'],
    ['fr, *;q=0.1', 'en'],
    ['*, en;q=0', 'de'],
    ['en;q=0', 'en'],
    ['en-US;q=0, en', 'en'],
    ['de;q=0, de-AT', 'en'],
    ['de-AT;q=0', 'en'],
    [' de ; q=1.000 ', 'de'],
    ['fr', 'en'],
    ['', 'en'],
    [null, 'en'],
  ] as const)('selects for %j the language %s', (accepted, expected) =>
    expect(languageOf(accepted, 'en')).toBe(expected),
  );

  it.each(['de;q=2', 'de;q=', 'de;q=0.1234', 'de;q=-1', 'de_DE', 'd€', 'deutsch-einesehrlangensache', ';', ',,,'])(
    'ignores %j',
    (accepted) => expect(languageOf(accepted, 'en')).toBe('en'),
  );

  it('falls back to the setting', () => {
    expect(languageOf('fr', 'de')).toBe('de');
    expect(languageOf('*', 'de')).toBe('de');
    expect(languageOf('en', 'de')).toBe('en');
  });

  it('reads a very long header quickly', () => {
    expect(languageOf(`${'de-'.repeat(20_000)}, en`, 'de')).toBe('en');
  });
});
