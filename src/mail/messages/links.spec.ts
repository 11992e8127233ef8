import { linkTo } from './links.js';

describe('linkTo', () => {
  it.each([
    ['http://localhost:8001', 'http://localhost:8001/account/reset-password#token=abc'],
    ['https://example.com/app', 'https://example.com/app/account/reset-password#token=abc'],
  ])('begins with PUBLIC_URL %s', (PUBLIC_URL, expected) => {
    expect(linkTo('reset-password', 'abc', { PUBLIC_URL })).toBe(expected);
  });

  it('contains the username after the token, for password managers', () => {
    const url = new URL(linkTo('reset-password', 'abc', { PUBLIC_URL: 'https://example.com' }, 'Jörg &=#%+'));
    expect(url.pathname + url.search).toBe('/account/reset-password');
    expect(url.hash).toMatch(/^#token=abc&username=/);
    expect(new URLSearchParams(url.hash.slice(1)).get('username')).toBe('Jörg &=#%+');
  });

  it('contains the token in the fragment, which browsers do not send', () => {
    const url = new URL(linkTo('verify-email', 'a b&c#d', { PUBLIC_URL: 'https://example.com' }));
    expect(url.pathname + url.search).toBe('/account/verify-email');
    expect(new URLSearchParams(url.hash.slice(1)).get('token')).toBe('a b&c#d');
  });
});
