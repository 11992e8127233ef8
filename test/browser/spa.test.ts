import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { type Account, register, uniqueName } from '../support/accounts.js';
import { describeInBrowser, type ObservedPage, TestBrowser } from '../support/browser.js';
import { forge } from '../support/forged-tokens.js';
import { serveFiles } from '../support/static-server.js';
import { TestApp } from '../support/test-app.js';

const PAGE = resolve('test/browser/spa/page.html');
const FILES = {
  '/': PAGE,
  '/login': PAGE,
  '/client.js': resolve('test/browser/spa/client.js'),
  '/axios.min.js': resolve('node_modules/axios/dist/axios.min.js'),
};
/** The port of the documented origin, which the service allows by default. */
const DOCUMENTED_PORT = 3000;

interface LastError {
  code: string;
  status?: number;
  body?: unknown;
  requestId?: string;
}

describeInBrowser('a single-page application with axios', () => {
  let app: TestApp;
  let browser: TestBrowser;
  let files: Awaited<ReturnType<typeof serveFiles>>;
  let origin: string;
  let account: Account;

  const open = (path: string, from = origin): Promise<ObservedPage> =>
    browser.open(`${from}${path}?api=${encodeURIComponent(app.url)}`, { allowedOrigins: [app.url] });

  const lastError = async (page: Page): Promise<LastError> =>
    JSON.parse(await page.evaluate<string>("sessionStorage.getItem('lastError')")) as LastError;

  async function submit(page: Page, button: string, username: string, password: string): Promise<void> {
    await page.getByPlaceholder('username').fill(username);
    await page.getByPlaceholder('password').fill(password);
    await page.getByRole('button', { name: button }).click();
  }

  beforeAll(async () => {
    files = await serveFiles(FILES, DOCUMENTED_PORT);
    origin = `http://localhost:${files.port}`;
    const settings = { CORS_ORIGINS: JSON.stringify([origin]) };
    const options = files.port === DOCUMENTED_PORT ? {} : { settings };
    [app, browser] = await Promise.all([TestApp.start(options), TestBrowser.start()]);
    account = await register(app.url);
  });
  afterEach(() => browser.closePages());
  afterAll(() => Promise.all([app?.stop(), browser?.stop(), files?.stop()]));

  it('registers, signs in by form and reads the account', async () => {
    const { page, complaints, foreignRequests } = await open('/login');
    const username = uniqueName('spa');
    await submit(page, 'Register', username, 'secure123');
    await page.getByText('registered').waitFor();
    await submit(page, 'Sign in', username, 'secure123');
    await page.waitForURL(`${origin}/`);
    await page.locator('#user', { hasText: username }).waitFor();
    expect([complaints, foreignRequests]).toEqual([[], []]);
  });

  it.each([
    ['an expired token', () => forge(account.id, { claims: { iat: past(3600), exp: past(1800) } })],
    ['a token of a user who is gone', () => forge(2_000_000_000)],
    ['something that is no token', () => 'no-token'],
  ])('goes to /login with %s', async (_, token) => {
    const { page } = await open('/login');
    await page.evaluate(`localStorage.setItem('token', '${token()}')`);
    await page.goto(`${origin}/`);
    await page.waitForURL(`${origin}/login`);
    expect(await page.evaluate("localStorage.getItem('token')")).toBeNull();
    expect(await lastError(page)).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      status: 401,
      body: { detail: 'Could not validate credentials' },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it('stays signed in while the token lasts', async () => {
    const { page } = await open('/login');
    await page.evaluate(`localStorage.setItem('token', '${forge(account.id)}')`);
    await page.goto(`${origin}/`);
    await page.locator('#user', { hasText: account.username }).waitFor();
  });

  it('sees why a password was wrong', async () => {
    const { page } = await open('/login');
    await submit(page, 'Sign in', account.username, 'not the password');
    await page.waitForURL(`${origin}/login`);
    expect(await lastError(page)).toMatchObject({ status: 401, body: { detail: 'Incorrect username or password' } });
  });

  it('sees what was wrong with its input', async () => {
    const { page } = await open('/login');
    await submit(page, 'Register', 'ab', 'secure123');
    await page.locator('#error', { hasText: 'string_too_short' }).waitFor();
    const { status, body } = await lastError(page);
    expect(status).toBe(422);
    expect(body).toMatchObject({ detail: [{ loc: ['body', 'username'], ctx: { min_length: 3 } }] });
  });

  it('is kept out at any other origin', async () => {
    const { page, complaints } = await open('/login', `http://127.0.0.1:${files.port}`);
    const username = uniqueName('spa');
    await submit(page, 'Register', username, 'secure123');
    await page.locator('#error', { hasText: 'ERR_NETWORK' }).waitFor();
    expect(await lastError(page)).toEqual({ code: 'ERR_NETWORK' });
    expect(complaints).toContainEqual(expect.stringContaining('blocked by CORS policy'));
    expect(await app.sql('SELECT id FROM users WHERE username = $1', [username])).toEqual([]);
  });
});

function past(seconds: number): number {
  return Math.floor(Date.now() / 1000) - seconds;
}
