import { limitPolicies } from '../../src/platform/rate-limit/limit-policy.js';
import { limitsOf } from '../../src/platform/rate-limit/rate-limit.decorator.js';
import { PASSWORD, session, signIn, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send, type Sent } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { type Refused, sendUntilRefused } from '../support/send-until-refused.js';
import { RouteRecorder, recordedRoutes } from '../support/route-recorder.js';

const AUTH = '/api/v1/auth';
const ME = '/api/v1/users/me';
const WRONG = 'wrong-password';
const CLIENT_TRIES = 12;
const SHARED_TRIES = 7;
const OWN_TRIES = 5;
const PER_HOUR = 10;
const MESSAGES_OF_CLIENT = 100;
/** The settings. Budgets that can refuse the same request have different amounts. */
const LIMITS = {
  RATE_LIMIT_REQUESTS_PER_MINUTE: 150,
  RATE_LIMIT_LOGIN_CLIENT: CLIENT_TRIES,
  RATE_LIMIT_LOGIN_ACCOUNT: SHARED_TRIES,
  RATE_LIMIT_REGISTER_PER_HOUR: 3,
  MAIL_LIMIT_PER_HOUR: 4,
};

let service: MailedApp;

const ask = async (path: string, sent: Sent = {}) =>
  send<{ code?: string }>(service.url, path, { ...sent, headers: { accept: 'application/problem+json' } });
const newEmail = () => `${uniqueName('limited')}@example.com`;

async function newAccount(fields: Record<string, unknown> = {}) {
  const account = { username: uniqueName(), password: PASSWORD };
  expect((await ask(`${AUTH}/register`, { body: { ...account, ...fields }, from: anotherClient() })).status).toBe(200);
  return { ...account, token: await signIn(service.url, account) };
}

const login = async (username: string, from: string, password = WRONG) =>
  ask(`${AUTH}/login-json`, { body: { username, password }, from });
const loginForm = async (username: string, from: string) =>
  ask(`${AUTH}/login`, { body: new URLSearchParams({ username, password: WRONG }), from });

/** A signed-in user with a client address that no other test uses. */
type Owner = Required<Pick<Sent, 'token' | 'from'>>;
const rename = async (owner: Owner, username: string) => ask(ME, { ...owner, method: 'PATCH', body: { username } });
const changeEmail = async (owner: Owner, email: string, current_password = PASSWORD) =>
  ask(`${ME}/email`, { ...owner, body: { email, current_password } });
const changePassword = async (owner: Owner) =>
  ask(`${ME}/password`, { ...owner, method: 'PUT', body: { current_password: WRONG, new_password: PASSWORD } });
const reauthenticate = async (owner: Owner) => ask(`${AUTH}/reauthenticate`, { ...owner, body: { password: WRONG } });
const remove = async (owner: Partial<Owner>, password = PASSWORD) =>
  ask(ME, { ...owner, method: 'DELETE', body: { password } });

type Drive = () => Promise<Refused<{ code?: string }>>;

/** Requests of one client to a route that counts per client. */
const byClient = (one: (from: string) => Promise<Received<{ code?: string }>>): Drive => {
  return async () => {
    const from = anotherClient();
    return sendUntilRefused(() => one(from));
  };
};

/** Requests of a signed-in user. */
const byOwner = (one: (owner: Owner) => Promise<Received<{ code?: string }>>): Drive => {
  return async () => {
    const { token } = await newAccount();
    const from = anotherClient();
    return sendUntilRefused(() => one({ token, from }));
  };
};

/** Wrong passwords from unknown clients. */
const attack = async (username: string) => sendUntilRefused(() => login(username, anotherClient()));

async function fromKnownClient({ isAttacked }: { isAttacked: boolean }): ReturnType<Drive> {
  const { username } = await newAccount();
  const from = anotherClient();
  expect((await login(username, from, PASSWORD)).status).toBe(200);
  if (isAttacked) await attack(username);
  return sendUntilRefused(() => login(username, from));
}

/** The routes that enforce each budget, with the amount and the requests that exceed it. */
const ANSWERED: Readonly<Record<string, Readonly<Record<string, readonly [amount: number, drive: Drive]>>>> = {
  'general.client': {
    [`GET ${ME}`]: [LIMITS.RATE_LIMIT_REQUESTS_PER_MINUTE, byClient((from) => ask(ME, { from }))],
  },
  'login.client': {
    [`POST ${AUTH}/login-json`]: [CLIENT_TRIES, byClient((from) => login(uniqueName('nobody'), from))],
    [`POST ${AUTH}/login`]: [CLIENT_TRIES, byClient((from) => loginForm(uniqueName('nobody'), from))],
  },
  'login.unknownClient': { [`POST ${AUTH}/login-json`]: [SHARED_TRIES, () => attack(uniqueName('nobody'))] },
  'login.knownClient': { [`POST ${AUTH}/login-json`]: [OWN_TRIES, () => fromKnownClient({ isAttacked: true })] },
  'login.knownClientShared': {
    [`POST ${AUTH}/login-json`]: [SHARED_TRIES, () => fromKnownClient({ isAttacked: false })],
  },
  'confirmation.session': {
    [`POST ${AUTH}/reauthenticate`]: [OWN_TRIES, byOwner(reauthenticate)],
    [`PUT ${ME}/password`]: [OWN_TRIES, byOwner(changePassword)],
    [`POST ${ME}/email`]: [OWN_TRIES, byOwner((owner) => changeEmail(owner, newEmail(), WRONG))],
    [`DELETE ${ME}`]: [OWN_TRIES, byOwner((owner) => remove(owner, WRONG))],
  },
  'register.client': {
    [`POST ${AUTH}/register`]: [
      LIMITS.RATE_LIMIT_REGISTER_PER_HOUR,
      byClient((from) => ask(`${AUTH}/register`, { body: { username: uniqueName(), password: PASSWORD }, from })),
    ],
  },
  // Enforced before the body is read, so an invalid body counts too.
  'mail.client': Object.fromEntries(
    [`${AUTH}/forgot-password`, `${AUTH}/resend-verification`].map((path) => [
      `POST ${path}`,
      [MESSAGES_OF_CLIENT, byClient((from) => ask(path, { body: {}, from }))],
    ]),
  ),
  'address-change.account': {
    [`POST ${ME}/email`]: [LIMITS.MAIL_LIMIT_PER_HOUR, byOwner((owner) => changeEmail(owner, newEmail()))],
  },
  'address-change.taken': {
    [`POST ${ME}/email`]: [
      LIMITS.RATE_LIMIT_REGISTER_PER_HOUR,
      async () => {
        const email = newEmail();
        await newAccount({ email });
        return byOwner((owner) => changeEmail(owner, email))();
      },
    ],
  },
  'rename.account': { [`PATCH ${ME}`]: [PER_HOUR, byOwner((owner) => rename(owner, uniqueName('renamed')))] },
  'rename.taken': {
    [`PATCH ${ME}`]: [
      LIMITS.RATE_LIMIT_REGISTER_PER_HOUR,
      async () => {
        const { username } = await newAccount();
        return byOwner((owner) => rename(owner, username))();
      },
    ],
  },
  'export.account': { [`GET ${ME}/export`]: [PER_HOUR, byOwner((owner) => ask(`${ME}/export`, owner))] },
};

async function limited(template: string): Promise<number> {
  await service.idle();
  const { text } = await send(service.url, '/metrics');
  return Number(new RegExp(`mails_total\\{template="${template}",outcome="limited"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

async function newDevice(account: { username: string; password: string }): Promise<void> {
  await session(service.url, account, { 'user-agent': `program-${uniqueName()}/1.0` });
}

/** An account whose address has received one message, the only one that an unverified address may receive. */
async function written(email = newEmail()) {
  const account = await newAccount({ email });
  await service.idle();
  return { ...account, email };
}

/** For each budget, a message that is not sent and the requests that exceed the budget. */
const UNANSWERED: Readonly<Record<string, readonly [template: string, drive: () => Promise<unknown>]>> = {
  'message.verified': [
    'new-sign-in',
    async () => {
      const account = await written();
      const token = await service.link(account.email, 'verify-email');
      expect((await ask(`${AUTH}/verify-email`, { body: { token } })).status).toBe(204);
      for (let device = 0; device <= LIMITS.MAIL_LIMIT_PER_HOUR; device += 1) await newDevice(account);
    },
  ],
  'message.yielding': ['new-sign-in', async () => newDevice(await written())],
  'message.unverified': [
    'verify-email',
    async () => {
      const { email, token } = await written();
      await remove({ token });
      await written(email);
    },
  ],
  'message.notice': [
    'account-deleted',
    async () => {
      const { email, token } = await written();
      await remove({ token });
      await remove({ token: (await written(email)).token });
    },
  ],
};

beforeAll(async () => {
  const settings = Object.fromEntries(Object.entries(LIMITS).map(([name, amount]) => [name, String(amount)]));
  service = await MailedApp.start({
    imports: [RouteRecorder],
    settings: { RATE_LIMIT: 'on', EMAIL_VERIFICATION: 'optional', ...settings },
  });
});
afterAll(() => service.stop());

describe('rate limit policies', () => {
  const answered = Object.entries(ANSWERED).flatMap(([budget, routes]) =>
    Object.entries(routes).map(([route, [amount, drive]]) => ({ budget, route, amount, drive })),
  );

  it.each(answered)('refuse requests beyond the budget: $budget, $route', async ({ budget, amount, drive }) => {
    const policy = limitPolicies().find(({ name }) => budget.startsWith(`${name}.`));
    const { times, refusal } = await drive();
    expect([times, refusal.body.code]).toEqual([amount, policy?.answer?.code]);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  });

  it.each(Object.entries(UNANSWERED))('send no message beyond the budget: %s', async (_budget, [template, drive]) => {
    const before = await limited(template);
    await drive();
    expect(await limited(template)).toBeGreaterThan(before);
  });

  it('send one link per ten minutes: requested-link.address', async () => {
    const { email } = await written();
    for (const _ of [1, 2]) await ask(`${AUTH}/forgot-password`, { body: { email }, from: anotherClient() });
    await service.idle();
    const links = service.inbox.messages.filter(
      ({ envelope, text }) => envelope.to.includes(email) && text.includes('/account/reset-password#token='),
    );
    expect(links).toHaveLength(1);
  });

  it('have a test case for each budget', () => {
    const driven = [...Object.keys(ANSWERED), ...Object.keys(UNANSWERED), 'requested-link.address'];
    // The budget of a message bounds its retries, which no request can cause.
    const declared = limitPolicies().flatMap(({ name, budgets }) =>
      Object.entries(budgets).flatMap(([budget, { by }]) => (by === 'message' ? [] : [`${name}.${budget}`])),
    );
    expect(driven.toSorted()).toEqual(declared.toSorted());
  });

  it('have a test case for each route that declares one', () => {
    const driven = answered.map(({ budget, route }) => `${route} ${budget.replace(/\..*/, '')}`);
    const declared = recordedRoutes.flatMap(({ method, path, config }) =>
      limitsOf(config).map(({ name }) => `${method} ${path} ${name}`),
    );
    expect([...new Set(driven)].toSorted()).toEqual([`GET ${ME} general`, ...declared].toSorted());
  });
});
