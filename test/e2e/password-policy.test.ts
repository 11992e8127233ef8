import { dictionary } from '@zxcvbn-ts/language-common';
import { PASSWORD, register, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const STRONG = 'kestrel-voyage-amber';
/** The shortest password that the strict policy accepts: eight random characters. */
const EIGHT = 'kq8vz2mw';

interface Refusal {
  detail: { type: string; loc: string[]; input: unknown; msg: string }[];
}

interface Owner {
  username: string;
  email: string;
}

describe('PASSWORD_POLICY=strict', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({
      settings: { PASSWORD_POLICY: 'strict', APP_NAME: 'Larkspur Orchard', PUBLIC_URL: 'https://zephyrine.example' },
    });
  });
  afterAll(() => service.stop());

  const newOwner = (): Owner => {
    const username = uniqueName('quillfeather');
    return { username, email: `${username}@example.com` };
  };
  const post = async (path: string, body: object): Promise<Received<Refusal>> => send(service.url, path, { body });

  /** Every way to set the password of an account. */
  const WAYS: Record<string, (password: string, owner?: Owner) => Promise<Received<Refusal>>> = {
    register: async (password, owner = newOwner()) => post('/api/v1/auth/register', { ...owner, password }),
    change: async (password, owner = newOwner()) => {
      const { token } = await signedIn(service.url, { ...owner, password: STRONG });
      const body = { current_password: STRONG, new_password: password };
      return send(service.url, '/api/v1/users/me/password', { method: 'PUT', body, token });
    },
    reset: async (password, owner = newOwner()) => {
      await register(service.url, { ...owner, password: STRONG });
      await post('/api/v1/auth/forgot-password', { email: owner.email });
      const token = await service.link(owner.email, 'reset-password');
      return post('/api/v1/auth/reset-password', { token, new_password: password });
    },
  };

  describe.each(Object.entries(WAYS))('on %s', (way, set) => {
    const field = way === 'register' ? 'password' : 'new_password';

    it.each([
      ['seven characters', 'kq8vz2m', 'string_too_short'],
      ['seven characters beyond the BMP', '😀'.repeat(7), 'string_too_short'],
      ['one of the most common passwords', 'password123', 'value_error'],
      ['a common password in leetspeak', 'P@ssw0rd', 'value_error'],
      ['a common password with a suffix', 'Football2024!', 'value_error'],
      ['one of the 3000 most common passwords', 'butthead', 'value_error'],
      ['adjacent keys', 'qwertyuiop', 'value_error'],
      ['one repeated character', 'a'.repeat(60), 'value_error'],
      ['the name of the service', 'larkspurorchard', 'value_error'],
      ['the name of the service with another separator', 'larkspur-orchard', 'value_error'],
      ['the host of the service', 'Zephyrine1', 'value_error'],
    ])('refuses %s without echoing it', async (_name, password, type) => {
      const answer = await set(password);
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type, loc: ['body', field], input: '**********' }]);
      expect(answer.text).not.toContain(password);
    });

    it('refuses the username, also with a suffix, and the address', async () => {
      for (const make of [
        ({ username }: Owner) => username,
        ({ username }: Owner) => `${username.toUpperCase()}!`,
        ({ email }: Owner) => email,
      ]) {
        const owner = newOwner();
        expect((await set(make(owner), owner)).status).toBe(422);
      }
    });

    it.each([
      ['eight random characters', EIGHT],
      ['a phrase of lower-case letters and spaces', 'correct horse staple'],
      ['72 bytes', `${STRONG}${'x'.repeat(72 - STRONG.length)}`],
      ['another script', 'ключ от сарая'],
    ])('accepts %s', async (_name, password) => {
      const owner = newOwner();
      const answer = await set(password, owner);
      expect([200, 204]).toContain(answer.status);
      await signIn(service.url, { ...owner, password });
    });
  });

  it('does not prevent a sign-in with an existing weak password', async () => {
    const account = await register(service.url, { password: STRONG });
    const weak = await hashOf('password123');
    await service.app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, weak]);
    await signIn(service.url, { ...account, password: 'password123' });
  });
});

describe('PASSWORD_POLICY=compatible', () => {
  it('accepts the passwords of the FastAPI documentation', async () => {
    const service = await MailedApp.start();
    try {
      for (const password of [PASSWORD, 'test123', 'abcdef']) await register(service.url, { password });
    } finally {
      await service.stop();
    }
  });
});

it('the bundled list has more than 3000 common passwords', () => {
  expect(dictionary['passwords-common']?.length).toBeGreaterThan(3000);
});

async function hashOf(password: string): Promise<string> {
  const { default: bcrypt } = await import('bcrypt');
  return bcrypt.hash(password, 4);
}
