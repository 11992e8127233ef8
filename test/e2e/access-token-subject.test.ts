import { type Account, signedIn } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';

interface Answer {
  id: number;
  is_superuser: boolean;
  detail: string;
}

const ODD_SUBJECTS: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  {},
  [],
  ['1'],
  [1],
  { id: 1 },
  { toString: '1' },
  true,
  1,
  1.0,
  1.5,
  -1,
  1e20,
  '0',
  '-0',
  '-1',
  '+1',
  '01',
  '1.0',
  '1e0',
  '1e3',
  '0x1',
  '0b1',
  '1_0',
  ' 1',
  '1 ',
  '1\n',
  '\t1',
  '1\0',
  '１',
  '١',
  '1,2',
  '1;',
  "1' OR '1'='1",
  '1 OR 1=1',
  'NaN',
  'Infinity',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  '2147483648',
  '-2147483649',
  '4294967297',
  '9007199254740993',
  '99999999999999999999',
  '1'.repeat(5000),
];

describe('the user of an access token', () => {
  let app: TestApp;
  let first: Account & { token: string };

  beforeAll(async () => {
    app = await TestApp.start();
    // A parser that reads an invalid subject as 1 would return this account.
    first = await signedIn(app.url);
    expect(first.id).toBe(1);
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

  it('is found by its decimal id', async () => {
    expect((await ask(forge(first.token))).body).toMatchObject({ id: 1 });
  });

  it.each(ODD_SUBJECTS)('is refused with 401 for the subject %j', async (sub) => {
    await expectRefused(forge(first.token, { claims: { sub } }));
  });

  it.each([
    'null',
    '[]',
    '"1"',
    '1',
    'true',
    '{}',
    '{"__proto__":{"sub":"1"}}',
    '',
    'not JSON',
    '{"sub":"1"',
    '\ufeff{}',
  ])('is refused with 401 for the payload %j', async (payload) => expectRefused(forge(first.token, { payload })));

  it('is refused with 401 for an id that no account has', async () => {
    for (const sub of ['999999', '2147483647']) await expectRefused(forge(first.token, { claims: { sub } }));
  });

  describe('is read on every request', () => {
    let account: Account & { token: string };

    beforeEach(async () => {
      account = await signedIn(app.url);
      expect((await ask(account.token)).status).toBe(200);
    });

    it.each(['false', 'NULL'])('and permanently refused once is_active is %s', async (value) => {
      await app.sql(`UPDATE users SET is_active = ${value} WHERE id = $1`, [account.id]);
      await expectRefused(account.token);
      await app.sql('UPDATE users SET is_active = true WHERE id = $1', [account.id]);
      await expectRefused(account.token);
    });

    it('and refused once the account is deleted', async () => {
      await app.sql('DELETE FROM users WHERE id = $1', [account.id]);
      await expectRefused(account.token);
    });

    it('with its current rights, whatever the token claims', async () => {
      const { id, token } = account;
      const withRights = forge(token, {
        claims: { is_superuser: true, isSuperuser: true, role: 'admin', scope: 'admin' },
      });
      expect((await ask(withRights)).body).toMatchObject({ id, is_superuser: false });
      await app.sql('UPDATE users SET is_superuser = true WHERE id = $1', [id]);
      expect((await ask(token)).body).toMatchObject({ id, is_superuser: true });
      await app.sql('UPDATE users SET is_superuser = false WHERE id = $1', [id]);
      expect((await ask(token)).body).toMatchObject({ id, is_superuser: false });
    });

    it('with its current username', async () => {
      const renamed = `${account.username}-renamed`;
      await app.sql('UPDATE users SET username = $2 WHERE id = $1', [account.id, renamed]);
      expect((await ask(account.token)).body).toMatchObject({ id: account.id, username: renamed });
    });
  });
});
