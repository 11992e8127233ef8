import type { Account, Tokens } from './accounts.js';
import { anotherClient, type Received, send } from './http-client.js';
import type { TestApp } from './test-app.js';

export const WRONG = 'wrong-password';

/** Default budgets: the one that all unknown clients share, and that of a known client or a session. */
export const SHARED_LIMIT = 10;
export const OWN_LIMIT = 5;

export const repeated = (status: number, count: number): number[] => Array.from({ length: count }, () => status);

/** Sends requests one after the other. @returns their statuses */
export async function times(count: number, one: () => Promise<Received>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await one()).status);
  return statuses;
}

/** Tries a password, by default from a new address, or `via` a trusted proxy. */
export async function tryPassword(
  { url }: TestApp,
  { username }: Pick<Account, 'username'>,
  { password = WRONG, from = anotherClient(), via }: { password?: string; from?: string; via?: string } = {},
): Promise<Received> {
  return send(url, '/api/v1/auth/login-json', {
    body: { username, password },
    ...(via === undefined ? { from } : { headers: { 'x-forwarded-for': via } }),
  });
}

/** Uses up the tries that unknown clients share. */
export async function exhaustSharedBudget(app: TestApp, account: Pick<Account, 'username'>): Promise<void> {
  expect(await times(SHARED_LIMIT, () => tryPassword(app, account))).toEqual(repeated(401, SHARED_LIMIT));
}

/** Signs in from an address, which makes it a known client. */
export async function signInFrom(app: TestApp, { username, password }: Account, from: string): Promise<Tokens> {
  const answer = await send<Tokens>(app.url, '/api/v1/auth/login-json', { body: { username, password }, from });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** The number of used tries in an account's budget. */
export async function countReservedSlots(app: TestApp, { id }: Pick<Account, 'id'>): Promise<number> {
  const key = `login:user:${id}`;
  const [row] = await app.sql<{ points: number }>('SELECT points FROM rate_limits WHERE key = $1', [key]);
  return row?.points ?? 0;
}
