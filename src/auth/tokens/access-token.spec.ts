import { parseSubject } from './access-token.js';

const NOW = 1_770_000_000;
const SESSION = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
const CLAIMS = { sub: '7', iat: NOW, exp: NOW + 1800, jti: 'a-token', sid: SESSION, iss: 'us', aud: 'us' };

const subject = (claims: object) => parseSubject({ ...CLAIMS, ...claims }, NOW);

describe('parseSubject', () => {
  it('reads the user and the session', () => {
    expect(parseSubject(CLAIMS, NOW)).toEqual({ userId: 7, sessionId: SESSION });
  });

  it('reads the generation, if there is one', () => {
    expect([subject({ gen: 3 })?.generation, subject({})?.generation]).toEqual([3, undefined]);
  });

  it('ignores unknown claims', () => {
    expect(subject({ is_superuser: true, role: 'admin' })).toEqual({ userId: 7, sessionId: SESSION });
  });

  it.each(['sub', 'iat', 'exp', 'jti', 'sid'])('refuses claims without %s', (name) => {
    expect(subject({ [name]: undefined })).toBeUndefined();
    expect(subject({ [name]: null })).toBeUndefined();
  });

  it.each([
    ['a number as sub', { sub: 7 }],
    ['a list as sub', { sub: ['7'] }],
    ['an empty sub', { sub: '' }],
    ['a name as sub', { sub: 'john' }],
    ['zero', { sub: '0' }],
    ['a negative id', { sub: '-7' }],
    ['a leading zero', { sub: '07' }],
    ['a sign', { sub: '+7' }],
    ['a fraction', { sub: '7.0' }],
    ['an exponent', { sub: '7e0' }],
    ['hexadecimal', { sub: '0x7' }],
    ['a leading space', { sub: ' 7' }],
    ['a line break', { sub: '7\n' }],
    ['digits of another script', { sub: '٧' }],
    ['SQL', { sub: '7 OR 1=1' }],
    ['an id out of range of the column', { sub: '2147483648' }],
    ['an id of eleven digits', { sub: '10000000000' }],
    ['a string as exp', { exp: String(NOW + 1800) }],
    ['a string as iat', { iat: String(NOW) }],
    ['a number as jti', { jti: 1 }],
    ['a number as sid', { sid: 7 }],
    ['a sid that is not a UUID', { sid: 'x' }],
    ['a string as gen', { gen: '1' }],
    ['a negative gen', { gen: -1 }],
    ['a fraction as gen', { gen: 0.5 }],
  ])('refuses %s', (_, claims) => {
    expect(subject(claims)).toBeUndefined();
  });

  it('accepts the largest id of the column', () => {
    expect(subject({ sub: '2147483647' })?.userId).toBe(2_147_483_647);
  });

  it('tolerates a clock skew of one minute', () => {
    expect(subject({ iat: NOW + 60 })).toBeDefined();
    expect(subject({ iat: NOW + 61 })).toBeUndefined();
  });

  it.each([[undefined], [null], ['claims'], [7], [[]], [{}]])('refuses %j as claims', (claims) => {
    expect(parseSubject(claims, NOW)).toBeUndefined();
  });
});
