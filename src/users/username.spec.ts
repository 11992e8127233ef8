import { validateSync } from 'class-validator';
import { IsVisibleUsername, normalizeUsername, usernameProblem } from './username.js';

const EDGE = 'username cannot begin or end with white space';
const INVISIBLE = 'username cannot contain control or invisible characters';

describe('normalizeUsername', () => {
  it.each([
    ['john', 'john'],
    ['ｊｏｈｎ', 'john'],
    ['ﬁnn', 'finn'],
    ['e\u0301va', 'éva'],
    ['John\u00a0Doe', 'John Doe'],
    ['①', '1'],
    ['John', 'John'],
  ])('normalizes %j to %j', (text, expected) => {
    expect(normalizeUsername(text)).toBe(expected);
  });

  it('is idempotent', () => {
    for (const text of ['ｊｏｈｎ', 'ﬃ', 'e\u0301', '\u1e9b\u0323']) {
      expect(normalizeUsername(normalizeUsername(text))).toBe(normalizeUsername(text));
    }
  });
});

describe('usernameProblem', () => {
  it.each([
    'john',
    'John Doe',
    'jo.hn-1_2',
    'Zoë',
    'Иван',
    '山田太郎',
    'علي',
    '💡💡💡',
    'e\u0301va',
    "o'neill",
    'a@b.c',
    '',
  ])('accepts %j', (username) => {
    expect(usernameProblem(username)).toBeUndefined();
  });

  it.each([' john', 'john ', '\tjohn', 'john\n', '\u2003john', 'john\u3000', '\ufeffjohn', ' '])(
    'rejects white space around %j',
    (username) => {
      expect(usernameProblem(username)).toBe(EDGE);
    },
  );

  it.each([
    ['a control character', 'jo\u0001hn'],
    ['a line feed', 'jo\nhn'],
    ['a delete', 'jo\u007fhn'],
    ['a C1 control character', 'jo\u0085hn'],
    ['a zero width space', 'jo\u200bhn'],
    ['a zero width joiner', 'jo\u200dhn'],
    ['a direction override', 'jo\u202ehn'],
    ['a soft hyphen', 'jo\u00adhn'],
    ['a byte order mark', 'jo\ufeffhn'],
    ['a variation selector', 'jo\ufe0fhn'],
    ['a tag character', 'jo\u{e0041}hn'],
    ['a Hangul filler', 'jo\u3164hn'],
    ['a combining grapheme joiner', 'jo\u034fhn'],
    ['a blank Braille pattern', 'jo\u2800hn'],
    ['a line separator', 'jo\u2028hn'],
    ['a paragraph separator', 'jo\u2029hn'],
    ['a private character', 'jo\ue000hn'],
    ['an unassigned character', 'jo\u0378hn'],
    ['a lone surrogate', 'jo\ud800hn'],
  ])('rejects %s', (_, username) => {
    expect(usernameProblem(username)).toBe(INVISIBLE);
  });
});

describe('IsVisibleUsername', () => {
  class Named {
    @IsVisibleUsername()
    username: unknown;
  }

  const messages = (username: unknown) =>
    validateSync(Object.assign(new Named(), { username })).map(({ constraints }) => constraints);

  it('reports the problem', () => {
    expect(messages('john')).toEqual([]);
    expect(messages(' john')).toEqual([{ isVisibleUsername: EDGE }]);
    expect(messages('jo\u200bhn')).toEqual([{ isVisibleUsername: INVISIBLE }]);
  });

  it('rejects a value that is not a string', () => {
    expect(messages(5)).toHaveLength(1);
  });
});
