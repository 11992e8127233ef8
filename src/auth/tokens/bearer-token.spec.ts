import { bearerToken } from './bearer-token.js';

const tokenOf = (authorization?: string) =>
  bearerToken({ headers: authorization === undefined ? {} : { authorization } });

describe('bearerToken', () => {
  // As FastAPI's OAuth2PasswordBearer: the token is the trimmed text after the first space.
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER abc', 'abc'],
    ['Bearer  abc', 'abc'],
    ['Bearer \tabc', 'abc'],
    ['Bearer abc  ', 'abc'],
    ['Bearer a b', 'a b'],
    ['Bearer abc, Bearer def', 'abc, Bearer def'],
  ])('reads %j', (header, expected) => {
    expect(tokenOf(header)).toBe(expected);
  });

  it.each(['Bearer', 'bearer', 'Bearer ', 'Bearer   '])('returns an invalid token for %j', (header) => {
    expect(tokenOf(header)).toBe('-');
  });

  it.each([
    undefined,
    '',
    'Basic am9objpzZWNyZXQ=',
    'abc',
    'Bearer\tabc',
    'Bearer,abc',
    'Bearer="abc"',
    'Bearers abc',
    ' Bearer abc',
  ])('finds no token in %j', (header) => {
    expect(tokenOf(header)).toBeNull();
  });
});
