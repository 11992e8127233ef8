import type { Page } from 'playwright-core';
import { type Account, PASSWORD, register } from '../support/accounts.js';
import { describeInBrowser, type ObservedPage } from '../support/browser.js';
import { forge } from '../support/forged-tokens.js';
import { TestSpa } from '../support/spa.js';
import { until } from '../support/until.js';

interface Session {
  id: string;
  generation: number;
}

const WAITING_FOR_LOCKS = 'navigator.locks.query().then(({ pending }) => pending.length)';
const HELD_LOCKS = 'navigator.locks.query().then(({ held }) => held.length)';

/** Hides changes to localStorage by other tabs until `passStorageOn()` is called, as if they arrived late. */
const HOLD_STORAGE_BACK = `(() => {
  const { getItem } = Storage.prototype;
  const before = localStorage.getItem('token');
  const swallow = (event) => event.stopImmediatePropagation();
  Storage.prototype.getItem = () => before;
  window.addEventListener('storage', swallow, true);
  window.passStorageOn = () => {
    Storage.prototype.getItem = getItem;
    window.removeEventListener('storage', swallow, true);
    window.dispatchEvent(new StorageEvent('storage', { key: 'token' }));
  };
})()`;

describeInBrowser('a single-page application whose access token expires', () => {
  let spa: TestSpa;
  let account: Account;

  beforeAll(async () => {
    spa = await TestSpa.start();
  });
  beforeEach(async () => {
    account = await register(spa.app.url);
  });
  afterEach(() => spa.browser.closePages());
  afterAll(() => spa?.stop());

  async function signedInPage(): Promise<ObservedPage> {
    const observed = await spa.open('/login');
    await observed.page.getByPlaceholder('username').fill(account.username);
    await observed.page.getByPlaceholder('password').fill(PASSWORD);
    await observed.page.getByRole('button', { name: 'Sign in' }).click();
    await observed.page.locator('#user', { hasText: account.username }).waitFor();
    return observed;
  }

  async function signedInTabs(): Promise<[ObservedPage, ObservedPage]> {
    const one = await signedInPage();
    const other = await spa.browser.openBeside(one, `${spa.origin}/`);
    await other.page.locator('#user', { hasText: account.username }).waitFor();
    return [one, other];
  }

  const sessions = (): Promise<Session[]> =>
    spa.app.sql<Session>('SELECT id, generation FROM sessions WHERE user_id = $1 AND ended_at IS NULL', [account.id]);

  /** Replaces the page's token with one that expired an hour ago. */
  async function age({ page }: ObservedPage): Promise<void> {
    const token = await page.evaluate<string>("localStorage.getItem('token')");
    const past = Math.floor(Date.now() / 1000) - 7200;
    const claims = { iat: past, exp: past + 3600 };
    await page.evaluate(`localStorage.setItem('token', '${forge(token, { claims })}')`);
  }

  /** Sends concurrent requests from a page. @returns their statuses */
  const ask = (page: Page, times: number): Promise<(number | string)[]> =>
    page.evaluate<(number | string)[]>(
      `Promise.all(Array.from({ length: ${times} }, () =>
         api.get('/users/me').then(({ status }) => status, (error) => error.response?.status ?? error.code)))`,
    );

  /** Expires the token and waits until the other tab sees it. */
  async function ageInBoth(one: ObservedPage, other: ObservedPage): Promise<void> {
    await age(one);
    const token = await one.page.evaluate<string>("localStorage.getItem('token')");
    await other.page.waitForFunction(`localStorage.getItem('token') === '${token}'`);
  }

  function countRefreshes(...pages: ObservedPage[]): () => number {
    let count = 0;
    for (const { page } of pages) {
      page.on('request', (request) => {
        if (request.url().endsWith('/auth/refresh') && request.method() === 'POST') count += 1;
      });
    }
    return () => count;
  }

  const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

  it('continues silently, with one refresh for all requests', async () => {
    const tab = await signedInPage();
    const refreshes = countRefreshes(tab);
    await age(tab);
    expect(await ask(tab.page, 10)).toEqual(times(10, 200));
    expect([refreshes(), await sessions()]).toMatchObject([1, [{ generation: 1 }]]);
    expect(tab.page.url()).toBe(`${spa.origin}/`);
    await age(tab);
    expect(await ask(tab.page, 3)).toEqual(times(3, 200));
    expect([refreshes(), await sessions()]).toMatchObject([2, [{ generation: 2 }]]);
  });

  it('repeats a request with its body', async () => {
    const tab = await signedInPage();
    await age(tab);
    const patch = `api.patch('/users/me', { display_name: 'Jo' }).then(({ data }) => data.display_name)`;
    expect(await tab.page.evaluate(patch)).toBe('Jo');
  });

  it('refreshes once for two tabs', async () => {
    const [one, other] = await signedInTabs();
    const refreshes = countRefreshes(one, other);
    await ageInBoth(one, other);
    const answers = await Promise.all([ask(one.page, 5), ask(other.page, 5)]);
    expect(answers.flat()).toEqual(times(10, 200));
    expect([refreshes(), await sessions()]).toMatchObject([1, [{ generation: 1 }]]);
  });

  it('refreshes once if the other tab sees the new token late', async () => {
    const [one, other] = await signedInTabs();
    const refreshes = countRefreshes(one, other);
    await ageInBoth(one, other);
    await one.page.evaluate('window.setTimeout = (callback) => { window.goOn = callback; }');
    await other.page.evaluate(HOLD_STORAGE_BACK);
    expect(await ask(one.page, 5)).toEqual(times(5, 200));
    const answers = ask(other.page, 5);
    await until(async () => refreshes() > 1 || (await other.page.evaluate<number>(WAITING_FOR_LOCKS)) > 0);
    await other.page.evaluate('window.passStorageOn()');
    expect(await answers).toEqual(times(5, 200));
    expect([refreshes(), await sessions()]).toMatchObject([1, [{ generation: 1 }]]);
    await one.page.evaluate('window.goOn()');
    await until(async () => (await one.page.evaluate<number>(HELD_LOCKS)) === 0);
  });

  it('refreshes in the other tab if the first one is closed during its refresh', async () => {
    const [one, other] = await signedInTabs();
    await ageInBoth(one, other);
    const stuck = one.page.waitForRequest('**/auth/refresh');
    await one.page.route('**/auth/refresh', () => undefined);
    await one.page.evaluate("void api.get('/users/me').catch(() => undefined)");
    await stuck;
    const answers = ask(other.page, 2);
    await until(async () => (await other.page.evaluate<number>(WAITING_FOR_LOCKS)) > 0);
    await one.page.close();
    expect(await answers).toEqual([200, 200]);
  });

  it('refreshes in the other tab if the first one gets no response', async () => {
    const [one, other] = await signedInTabs();
    await ageInBoth(one, other);
    const lost = one.page.waitForRequest('**/auth/refresh');
    await one.page.route('**/auth/refresh', () => undefined);
    const failed = one.page.evaluate("api.get('/users/me').catch(({ code }) => code)");
    await lost;
    await until(async () => (await one.page.evaluate<number>(HELD_LOCKS)) === 1);
    const answered = other.page.evaluate("api.get('/users/me').then(({ status }) => status)");
    expect(await Promise.all([failed, answered])).toEqual(['ECONNABORTED', 200]);
    expect(await sessions()).toMatchObject([{ generation: 1 }]);
  });

  it('works in two tabs of a browser without locks, since the service gives both the same new token', async () => {
    const one = await signedInPage();
    await one.page.context().addInitScript("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })");
    await one.page.reload();
    const other = await spa.browser.openBeside(one, `${spa.origin}/`);
    expect(await other.page.evaluate('navigator.locks === undefined')).toBe(true);
    const refreshes = countRefreshes(one, other);
    for (let round = 1; round <= 5; round += 1) {
      await age(one);
      const answers = await Promise.all([ask(one.page, 5), ask(other.page, 5)]);
      expect(answers.flat()).toEqual(times(10, 200));
    }
    expect(await sessions()).toHaveLength(1);
    expect(refreshes()).toBeLessThanOrEqual(10);
  });

  it('stays signed in after a reload with only the cookie', async () => {
    const tab = await signedInPage();
    await tab.page.evaluate("localStorage.removeItem('token')");
    await tab.page.reload();
    await tab.page.locator('#user', { hasText: account.username }).waitFor();
    expect(await sessions()).toHaveLength(1);
  });

  it('signs out in every tab when the session is revoked', async () => {
    const [one, other] = await signedInTabs();
    await spa.app.sql(`UPDATE sessions SET ended_at = now(), end_reason = 'revoked' WHERE user_id = $1`, [account.id]);
    for (const { page } of [one, other]) {
      await page.evaluate("void api.get('/users/me').catch(() => undefined)");
      await page.waitForURL(`${spa.origin}/login`);
    }
    expect(await one.page.evaluate("localStorage.getItem('token')")).toBeNull();
  });

  it('stays signed in while the service is unreachable', async () => {
    const tab = await signedInPage();
    await age(tab);
    await tab.page.route('**/auth/refresh', (route) => route.abort());
    expect(await ask(tab.page, 2)).toEqual(['ERR_NETWORK', 'ERR_NETWORK']);
    expect(tab.page.url()).toBe(`${spa.origin}/`);
    await tab.page.unroute('**/auth/refresh');
    expect(await ask(tab.page, 2)).toEqual([200, 200]);
  });

  it('cannot read the refresh token', async () => {
    const tab = await signedInPage();
    await age(tab);
    await ask(tab.page, 1);
    expect(await tab.page.evaluate('[document.cookie, Object.keys(localStorage)]')).toEqual(['', ['token']]);
    const cookies = await tab.page.context().cookies(spa.api);
    expect(cookies).toMatchObject([{ name: 'refresh_token', httpOnly: true, sameSite: 'Lax' }]);
  });

  it('ends the session and deletes the cookie at sign-out', async () => {
    const tab = await signedInPage();
    await tab.page.getByRole('button', { name: 'Sign out' }).click();
    await tab.page.waitForURL(`${spa.origin}/login`);
    await until(async () => (await sessions()).length === 0);
    expect(await tab.page.context().cookies(spa.api)).toEqual([]);
    expect(await tab.page.evaluate("localStorage.getItem('token')")).toBeNull();
  });
});
