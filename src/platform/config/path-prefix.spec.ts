import { parsePathPrefix } from './path-prefix.js';

describe('parsePathPrefix', () => {
  it.each([
    ['/auth', '/auth'],
    ['/auth/', '/auth'],
    ['/a/B-2/c_3.v1~x', '/a/B-2/c_3.v1~x'],
    ['/...', '/...'],
    [`/${'x'.repeat(199)}`, `/${'x'.repeat(199)}`],
  ])('accepts %s', (text, expected) => expect(parsePathPrefix(text)).toBe(expected));

  it.each([
    '',
    '/',
    '//',
    'auth',
    '//evil.example',
    '/auth//x',
    '/auth//',
    '/.',
    '/..',
    '/../x',
    '/a/./b',
    '/a/..',
    '/a/../',
    '/%2e%2e/x',
    '/a%2fb',
    '/\\evil.example',
    'https://evil.example',
    '/a, /b',
    '/a b',
    '/a\t',
    '/a\n',
    '/a"><script>',
    "/a'",
    '/a;b',
    '/a?b',
    '/a#b',
    '/é',
    `/${'x'.repeat(200)}`,
  ])('refuses %j', (text) => expect(parsePathPrefix(text)).toBeUndefined());
});
