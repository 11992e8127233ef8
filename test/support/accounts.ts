import { send } from './http-client.js';

export const PASSWORD = 'secure123';

let count = 0;

/** A username that no other test of this process uses. */
export function uniqueName(prefix = 'user'): string {
  count += 1;
  return `${prefix}${process.pid}x${count}`;
}

export interface Account {
  id: number;
  username: string;
  password: string;
}

/** Registers through the API. */
export async function register(base: string, fields: Partial<Record<string, unknown>> = {}): Promise<Account> {
  const body = { username: uniqueName(), password: PASSWORD, ...fields };
  const answer = await send<{ id: number }>(base, '/api/v1/auth/register', { body });
  if (answer.status !== 200) throw new Error(`registration failed: ${answer.status} ${answer.text}`);
  return { id: answer.body.id, username: body.username, password: body.password };
}

/** Signs in through the API. @returns the access token */
export async function signIn(
  base: string,
  { username, password }: Pick<Account, 'username' | 'password'>,
): Promise<string> {
  return (await session(base, { username, password })).access_token;
}

/** The response of a sign-in without cookies. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Signs in through the API and opens a new session. */
export async function session(
  base: string,
  { username, password }: Pick<Account, 'username' | 'password'>,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const body = { username, password };
  const answer = await send<Tokens>(base, '/api/v1/auth/login-json', { body, headers });
  if (answer.status !== 200) throw new Error(`sign-in failed: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** Registers a new account and signs in. */
export async function signedIn(
  base: string,
  fields: Partial<Record<string, unknown>> = {},
): Promise<Account & { token: string }> {
  const account = await register(base, fields);
  return { ...account, token: await signIn(base, account) };
}
