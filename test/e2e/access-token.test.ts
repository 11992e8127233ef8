import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { type Account, register, signedIn } from '../support/accounts.js';
import { base64url, claimsOf, type Forgery, forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { TEST_SECRET, TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
const MINUTE = 60;

interface Answer {
  id: number;
  detail: string;
}

describe('an access token', () => {
  let app: TestApp;
  let account: Account & { token: string };

  beforeAll(async () => {
    app = await TestApp.start();
    account = await signedIn(app.url);
    await register(app.url);
  });
  afterAll(() => app.stop());

  async function ask(token: string): Promise<Received<Answer>> {
    return send<Answer>(app.url, ME, { token });
  }

  async function expectRefused(token: string): Promise<void> {
    const answer = await ask(token);
    expect([answer.status, answer.body.detail]).toEqual([401, 'Could not validate credentials']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }

  async function expectAccepted(token: string, id = account.id): Promise<void> {
    const answer = await ask(token);
    expect([answer.status, answer.body.id]).toEqual([200, id]);
  }

  const forged = (forgery: Forgery) => forge(account.token, forgery);
  const withClaims = (claims: Record<string, unknown>) => forged({ claims });
  const fromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  it('carries sub, sid, gen, iat, exp, jti, iss and aud, and no claim that grants a right', async () => {
    const [header = '', payload = ''] = account.token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^[\w-]{12}$/) as string,
    });
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    expect(new Set(Object.keys(claims))).toEqual(new Set(['sub', 'sid', 'gen', 'iat', 'exp', 'jti', 'iss', 'aud']));
    expect(claims).toMatchObject({ sub: String(account.id), iss: 'nest-auth-backend', aud: 'nest-auth-backend' });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(1800);
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is signed with SECRET_KEY itself, so that other services can verify it', () => {
    const [header, payload, signature] = account.token.split('.');
    expect(createHmac('sha256', TEST_SECRET).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
  });

  it('is accepted when the test forges it without a defect', async () => {
    await expectAccepted(forged({}));
  });

  describe('is refused with another algorithm:', () => {
    it.each(['none', 'None', 'nOnE', 'NONE', '', ' none', null, 0, {}, ['HS256'], undefined])('alg %j', async (alg) => {
      const signed = forged({ header: { alg } });
      await expectRefused(signed);
      await expectRefused(signed.replace(/[^.]+$/, ''));
    });

    it.each(['HS384', 'HS512'])('a correct %s signature', async (signedAs) => expectRefused(forged({ signedAs })));

    it.each(['HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', 'hs256', 'HS256 '])(
      'alg %j on a token that is signed with the secret',
      async (alg) => expectRefused(forged({ header: { alg } })),
    );

    it('an RS256 signature whose public key is in the header', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const header = { alg: 'RS256', typ: 'JWT', jwk: publicKey.export({ format: 'jwk' }) };
      const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claimsOf(account.token)))}`;
      await expectRefused(`${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`);
    });
  });

  it.each([
    ['jwk', { kty: 'oct', k: base64url('attacker-attacker-attacker-attacker') }],
    ['jku', 'https://attacker.example/keys.json'],
    ['x5u', 'https://attacker.example/cert.pem'],
    ['x5c', ['MIIB']],
    ['cty', 'JWT'],
    ['zip', 'DEF'],
  ])('is not verified with a key from the header parameter %s', async (name, value) => {
    const header = { [name]: value };
    for (const secret of ['attacker-attacker-attacker-attacker', '', Buffer.alloc(32)]) {
      await expectRefused(forged({ header, secret }));
    }
    await expectAccepted(forged({ header }));
  });

  it.each(['../../../../dev/null', "' UNION SELECT 'attacker", '', null, 0, { $ne: '' }, []])(
    'is refused with the unknown key id %j',
    async (kid) => {
      await expectRefused(forged({ header: { kid } }));
      for (const secret of ['', Buffer.alloc(32)]) await expectRefused(forged({ header: { kid }, secret }));
    },
  );

  it('is accepted with the key id of this service, or without one as the previous release issues it', async () => {
    const { kid } = JSON.parse(Buffer.from(account.token.split('.')[0] ?? '', 'base64url').toString()) as {
      kid: string;
    };
    await expectAccepted(forged({ header: { kid } }));
    await expectAccepted(forged({}));
    await expectRefused(forged({ header: { kid }, secret: 'another-secret-another-secret-another-secret' }));
  });

  it.each([
    ['an extension that this service does not know', { crit: ['exp'], exp: 0 }],
    ['an unencoded payload (RFC 7797)', { crit: ['b64'], b64: true }],
    ['an empty list', { crit: [] }],
    ['null', { crit: null }],
    ['a string', { crit: 'b64' }],
  ])('is refused with a critical header parameter: %s', async (_name, header) => expectRefused(forged({ header })));

  it.each(['at+jwt', 'logout+jwt', 'dpop+jwt', 'refresh', 'JWE', '', 'JWT ', null, 1, ['JWT'], undefined])(
    'is refused with the type %j',
    async (typ) => expectRefused(forged({ header: { typ } })),
  );

  it('is accepted with its type in lower case (RFC 7519 section 5.1)', async () =>
    expectAccepted(forged({ header: { typ: 'jwt' } })));

  describe('is refused when it is forged with', () => {
    it.each([
      ['another secret', () => forged({ secret: 'another-secret-another-secret-another-secret' })],
      ['an empty secret', () => forged({ secret: '' })],
      ['the secret in another letter case', () => forged({ secret: TEST_SECRET.toUpperCase() })],
      ['the secret decoded from base64', () => forged({ secret: Buffer.from(TEST_SECRET, 'base64') })],
      ['no signature', () => account.token.replace(/[^.]+$/, '')],
      ['no signature and no dot before it', () => account.token.replace(/\.[^.]+$/, '')],
      ['the signature twice', () => `${account.token}.${account.token.split('.')[2]}`],
      ['a padded signature', () => `${account.token}=`],
      ['a truncated signature', () => account.token.slice(0, -1)],
      ['an equivalent last character', () => account.token.slice(0, -1) + sibling(account.token.slice(-1))],
      ['trailing text', () => `${account.token} x`],
      [
        'the payload of another user',
        () => payloadOf(account.token, { ...claimsOf(account.token), sub: String(account.id + 1) }),
      ],
      ['a later expiry', () => payloadOf(account.token, { ...claimsOf(account.token), exp: fromNow(999_999) })],
      ['only dots', () => '..'],
      ['three arbitrary parts', () => 'a.b.c'],
      ['JSON in place of a token', () => '{"sub":"1"}'],
      ['15 KB of data', () => `${account.token.slice(0, 40)}${'A'.repeat(15_000)}`],
      ['five parts, as an encrypted token has', () => `${account.token}.x.y`],
    ])('%s', async (_name, token) => expectRefused(token()));
  });

  describe('is refused without a valid expiry in the future:', () => {
    it.each([
      undefined,
      null,
      '',
      'never',
      String(9e9),
      true,
      [fromNow(100)],
      { $gt: 0 },
      0,
      -1,
      fromNow(-1),
      fromNow(-MINUTE),
    ])('exp %j', async (exp) => expectRefused(withClaims({ exp })));

    it.each(['1e999', '-1e999'])('exp %s, which JSON.parse reads as infinity', async (exp) => {
      const { exp: _, ...claims } = claimsOf(account.token);
      await expectRefused(forged({ payload: `{"exp":${exp},${JSON.stringify(claims).slice(1)}` }));
    });

    it('exp before iat', async () => {
      await expectRefused(withClaims({ iat: fromNow(MINUTE / 2), exp: fromNow(MINUTE / 3) }));
    });
  });

  describe('with iat or nbf', () => {
    it.each([undefined, null, 'now', true, [], fromNow(2 * MINUTE), 9e15])('is refused for iat %j', async (iat) =>
      expectRefused(withClaims({ iat })),
    );
    it.each(['now', null, {}, fromNow(2 * MINUTE)])('is refused for nbf %j', async (nbf) =>
      expectRefused(withClaims({ nbf })),
    );

    it('is accepted from a clock that is less than a minute ahead', async () => {
      await expectAccepted(withClaims({ iat: fromNow(MINUTE / 2) }));
      await expectAccepted(withClaims({ nbf: fromNow(-1) }));
    });
  });

  describe('is refused with another issuer or audience:', () => {
    it.each([
      undefined,
      null,
      '',
      'somebody-else',
      'Nest-Auth-Backend',
      'nest-auth-backend ',
      ['nest-auth-backend'],
      {},
    ])('iss %j', async (iss) => expectRefused(withClaims({ iss })));
    it.each([undefined, null, '', 'somebody-else', 'Nest-Auth-Backend', 'nest-auth-backend/admin', [], ['x'], {}])(
      'aud %j',
      async (aud) => expectRefused(withClaims({ aud })),
    );
  });

  it.each([undefined, null, 7, {}, []])('is refused with jti %j', async (jti) => expectRefused(withClaims({ jti })));

  it.each([undefined, null, '', 7, {}, [], 'x', '00000000-0000-0000-0000-000000000000'])(
    'is refused with sid %j',
    async (sid) => expectRefused(withClaims({ sid })),
  );

  it('is read with the last of two duplicate claims, as JSON.parse does', async () => {
    const { sub: _, ...claims } = claimsOf(account.token);
    const twice = (first: string, last: string) =>
      forged({ payload: `{"sub":"${first}","sub":"${last}",${JSON.stringify(claims).slice(1)}` });
    await expectAccepted(twice('999999', String(account.id)));
    await expectRefused(twice(String(account.id), '999999'));
  });
});

/** Another base64url character that ends the same 32 bytes, since only its first four bits are used. */
function sibling(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) ^ 1] ?? '';
}

/** A token with another payload and the original signature. */
function payloadOf(token: string, claims: object): string {
  const [header, , signature] = token.split('.');
  return [header, base64url(JSON.stringify(claims)), signature].join('.');
}

/** Checks the test's own forger against RFC 7515, not the service. */
it('a forged token has a correct HMAC', () => {
  const [header, payload, signature] = forge('e30.e30.').split('.');
  expect(createHmac('sha256', TEST_SECRET).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
});
