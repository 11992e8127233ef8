import { createHash, createHmac, hkdfSync, randomUUID } from 'node:crypto';
import pg from 'pg';
import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { TEST_SECRET } from '../support/test-app.js';
import { urlOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';
const newAddress = () => `${uniqueName('bound')}@example.com`;

describe('a mailed link that is bound to its address', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({ settings: { EMAIL_VERIFICATION: 'required' } });
  });
  afterAll(() => service.stop());

  const use = async (path: string, token: string) =>
    send(service.url, `/api/v1/auth/${path}`, {
      body: { token, ...(path === 'reset-password' ? { new_password: NEW_PASSWORD } : {}) },
    });
  const ask = async (path: string, email: string) =>
    send(service.url, `/api/v1/auth/${path}`, { body: { email }, from: anotherClient() });
  /** Updates the address as the Python service does, without other columns or tables. */
  const moveTo = async (id: number, email: string | null) =>
    service.app.sql('UPDATE users SET email=$1, updated_at=now() WHERE users.id = $2', [email, id]);
  const isVerified = async (id: number) => {
    const [row] = await service.app.sql<{ verified: boolean }>(
      'SELECT email_verified_at IS NOT NULL AS verified FROM users WHERE id = $1',
      [id],
    );
    return row?.verified;
  };

  async function verified() {
    const email = newAddress();
    const account = await register(service.url, { email });
    expect((await use('verify-email', await service.link(email, 'verify-email'))).status).toBe(204);
    return { ...account, email };
  }

  /** Creates an account and sends it a link of the kind. */
  const SENT = {
    'verify-email': async () => {
      const email = newAddress();
      const { id } = await register(service.url, { email });
      return { id, email, link: await service.link(email, 'verify-email') };
    },
    'reset-password': async () => {
      const email = newAddress();
      const { id } = await register(service.url, { email });
      await ask('forgot-password', email);
      return { id, email, link: await service.link(email, 'reset-password') };
    },
    'confirm-email': async () => {
      const { id, username, email } = await verified();
      const token = await signIn(service.url, { username, password: PASSWORD });
      const body = { email: newAddress(), current_password: PASSWORD };
      expect((await send(service.url, '/api/v1/users/me/email', { body, token })).status).toBe(202);
      return { id, email, link: await service.link(body.email, 'confirm-email') };
    },
  };
  const PURPOSES = {
    'verify-email': 'email_verification',
    'reset-password': 'password_reset',
    'confirm-email': 'email_change',
  } as const;
  const KINDS = Object.keys(SENT) as (keyof typeof SENT)[];

  it.each(KINDS)('is invalid once the account has another address: %s', async (kind) => {
    const { id, link } = await SENT[kind]();
    const other = newAddress();
    await moveTo(id, other);
    expectRefused(await use(kind, link));
    expect(await service.app.sql('SELECT email FROM users WHERE id = $1', [id])).toEqual([{ email: other }]);
    expect(await isVerified(id)).toBe(false);
  });

  it.each(KINDS)('is invalid while the address differs in letter case: %s', async (kind) => {
    const { id, email, link } = await SENT[kind]();
    await moveTo(id, email.replace('bound', 'BOUND'));
    expectRefused(await use(kind, link));
    await moveTo(id, email);
    expect((await use(kind, link)).status).toBe(204);
  });

  it.each(KINDS)('is invalid once the account has no address: %s', async (kind) => {
    const { id, link } = await SENT[kind]();
    await moveTo(id, null);
    expectRefused(await use(kind, link));
  });

  it('for a first address is invalid once the account has another address', async () => {
    const { id, username } = await register(service.url, { email: newAddress() });
    await service.app.sql('UPDATE users SET email = NULL, must_verify_email = false WHERE id = $1', [id]);
    const token = await signIn(service.url, { username, password: PASSWORD });
    const body = { email: newAddress(), current_password: PASSWORD };
    await send(service.url, '/api/v1/users/me/email', { body, token });
    const link = await service.link(body.email, 'confirm-email');
    await moveTo(id, newAddress());
    expectRefused(await use('confirm-email', link));
  });

  it('is not sent if the address has changed', async () => {
    const email = newAddress();
    const { id } = await register(service.url, { email });
    await service.link(email, 'verify-email');
    service.inbox.refusal = (address) => (address === email ? 451 : undefined);
    await ask('forgot-password', email);
    await until(async () => service.inbox.named.filter((address) => address === email).length > 1);
    await moveTo(id, newAddress());
    service.inbox.refusal = () => undefined;
    await service.idle();
    expect(service.receiversOf('/account/reset-password').filter((address) => address === email)).toEqual([]);
  });

  it('verifies one address, and a later address is unverified', async () => {
    const { id, username, email } = await verified();
    expect(await isVerified(id)).toBe(true);
    await moveTo(id, newAddress());
    expect(await isVerified(id)).toBe(false);
    const login = await send(service.url, '/api/v1/auth/login-json', { body: { username, password: PASSWORD } });
    expect([login.status, login.text]).toEqual([403, '{"detail":"Email not verified"}']);
    await moveTo(id, email);
    expect(await isVerified(id)).toBe(false);
  });

  it('is invalid if the address is replaced concurrently', async () => {
    const { id, link } = await SENT['verify-email']();
    const rival = new pg.Client({ connectionString: urlOf(service.app.database) });
    await rival.connect();
    await rival.query('BEGIN');
    await rival.query('UPDATE users SET email = $2 WHERE id = $1', [id, newAddress()]);
    const answer = use('verify-email', link);
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await until(async () => (await service.app.sql(waiting)).length > 0);
    await rival.query('COMMIT');
    await rival.end();
    expectRefused(await answer);
    expect(await isVerified(id)).toBe(false);
  });

  it('keeps the address verified when the same address is written again', async () => {
    const { id, email } = await verified();
    await moveTo(id, email);
    expect(await isVerified(id)).toBe(true);
  });

  it('does not prevent a role that can write only users from changing an address', async () => {
    const { id } = await verified();
    const role = `python_${randomUUID().replaceAll('-', '')}`;
    await service.app.sql(`CREATE ROLE ${role}; GRANT SELECT, UPDATE ON users TO ${role}`);
    try {
      await service.app.sql(`SET ROLE ${role}; UPDATE users SET email = '${newAddress()}' WHERE id = ${id}`);
      expect(await isVerified(id)).toBe(false);
    } finally {
      await service.app.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  describe('across the previous release', () => {
    /** Issues a link as the previous release does. */
    async function issued(id: number, purpose: string, email: string): Promise<string> {
      const row = randomUUID();
      const key = Buffer.from(hkdfSync('sha256', TEST_SECRET, '', 'one-time-token', 32));
      const token = createHmac('sha256', key).update(row).digest('base64url');
      await service.app.sql('INSERT INTO one_time_tokens (id, user_id, purpose, email) VALUES ($1, $2, $3, $4)', [
        row,
        id,
        purpose,
        email,
      ]);
      await service.app.sql(
        "UPDATE one_time_tokens SET token_hash = $2, expires_at = now() + interval '30 minutes' WHERE id = $1",
        [row, sha256(token)],
      );
      return token;
    }

    it.each([
      ['email_verification', 'verify-email'],
      ['password_reset', 'reset-password'],
      ['email_change', 'confirm-email'],
    ])('works when the previous release has issued it: %s', async (purpose, path) => {
      const email = newAddress();
      const { id } = await register(service.url, { email });
      const target = purpose === 'email_change' ? newAddress() : email;
      expect((await use(path, await issued(id, purpose, target))).status).toBe(204);
    });

    it.each(KINDS)('works once for the previous release: %s', async (kind) => {
      const { id, link } = await SENT[kind]();
      const purpose = PURPOSES[kind];
      const [found] = await service.app.sql<{ user_id: number }>(
        'SELECT user_id FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()',
        [sha256(link), purpose],
      );
      expect(found).toEqual({ user_id: id });
      expect((await use(kind, link)).status).toBe(204);
      const rows = await service.app.sql(
        'DELETE FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now() RETURNING email',
        [sha256(link), purpose],
      );
      expect(rows).toEqual([]);
    });
  });
});

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function expectRefused({ status, text }: Received): void {
  expect([status, text]).toEqual([400, '{"detail":"Invalid or expired link"}']);
}
