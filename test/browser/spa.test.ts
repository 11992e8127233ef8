import type { Page } from 'playwright-core';
import { type Account, signedIn, uniqueName } from '../support/accounts.js';
import { describeInBrowser } from '../support/browser.js';
import { forge } from '../support/forged-tokens.js';
import { TestSpa } from '../support/spa.js';

interface LastError {
  code: string;
  status?: number;
  body?: unknown;
  requestId?: string;
}

describeInBrowser('a single-page application with axios', () => {
  let spa: TestSpa;
  let account: Account & { token: string };

  const lastError = async (page: Page): Promise<LastError> =>
    JSON.parse(await page.evaluate<string>("sessionStorage.getItem('lastError')")) as LastError;

  async function submit(page: Page, button: string, username: string, password: string): Promise<void> {
    await page.getByPlaceholder('username').fill(username);
    await page.getByPlaceholder('password').fill(password);
    await page.getByRole('button', { name: button }).click();
  }

  beforeAll(async () => {
    spa = await TestSpa.start();
    account = await signedIn(spa.app.url);
  });
  afterEach(() => spa.browser.closePages());
  afterAll(() => spa?.stop());

  it('registers, signs in by form and reads the account', async () => {
    const { page, complaints, foreignRequests } = await spa.open('/login');
    const username = uniqueName('spa');
    await submit(page, 'Register', username, 'secure123');
    await page.getByText('registered').waitFor();
    await submit(page, 'Sign in', username, 'secure123');
    await page.waitForURL(`${spa.origin}/`);
    await page.locator('#user', { hasText: username }).waitFor();
    expect([complaints, foreignRequests]).toEqual([[], []]);
  });

  it.each([
    ['an expired token', () => forge(account.token, { claims: { iat: past(3600), exp: past(1800) } })],
    ['a token of a deleted user', () => forge(account.token, { claims: { sub: '2000000000' } })],
    ['a malformed token', () => 'no-token'],
  ])('goes to /login with %s', async (_, token) => {
    const { page } = await spa.open('/login');
    await page.evaluate(`localStorage.setItem('token', '${token()}')`);
    await page.goto(`${spa.origin}/`);
    await page.waitForURL(`${spa.origin}/login`);
    expect(await page.evaluate("localStorage.getItem('token')")).toBeNull();
    expect(await lastError(page)).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      status: 401,
      body: { detail: 'Could not validate credentials' },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it('does not reload /login if a request from this page answers 401', async () => {
    const { page } = await spa.open('/login');
    await page.evaluate('window.isTheSamePage = true');
    const status = 'api.get("/users/me").catch(({ response }) => response.status)';
    expect(await page.evaluate(status)).toBe(401);
    await page.waitForTimeout(500);
    expect(await page.evaluate('window.isTheSamePage')).toBe(true);
  });

  it('stays signed in while the token is valid', async () => {
    const { page } = await spa.open('/login');
    await page.evaluate(`localStorage.setItem('token', '${account.token}')`);
    await page.goto(`${spa.origin}/`);
    await page.locator('#user', { hasText: account.username }).waitFor();
  });

  it('can show the error for a wrong password', async () => {
    const { page } = await spa.open('/login');
    await submit(page, 'Sign in', account.username, 'not the password');
    await page.locator('#error', { hasText: 'Incorrect username or password' }).waitFor();
    expect(await lastError(page)).toMatchObject({ status: 401 });
    expect(page.url()).toBe(`${spa.origin}/login`);
  });

  it('can show the errors of its input', async () => {
    const { page } = await spa.open('/login');
    await submit(page, 'Register', 'ab', 'secure123');
    await page.locator('#error', { hasText: 'string_too_short' }).waitFor();
    const { status, body } = await lastError(page);
    expect(status).toBe(422);
    expect(body).toMatchObject({ detail: [{ loc: ['body', 'username'], ctx: { min_length: 3 } }] });
  });

  it('is blocked at any other origin', async () => {
    const { page, complaints } = await spa.open('/login', `http://127.0.0.1:${spa.port}`);
    const username = uniqueName('spa');
    await submit(page, 'Register', username, 'secure123');
    await page.locator('#error', { hasText: 'ERR_NETWORK' }).waitFor();
    expect(await lastError(page)).toEqual({ code: 'ERR_NETWORK' });
    expect(complaints).toContainEqual(expect.stringContaining('blocked by CORS policy'));
    expect(await spa.app.sql('SELECT id FROM users WHERE username = $1', [username])).toEqual([]);
  });
});

function past(seconds: number): number {
  return Math.floor(Date.now() / 1000) - seconds;
}
