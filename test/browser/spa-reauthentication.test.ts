import type { Page } from 'playwright-core';
import { type Account, PASSWORD, register } from '../support/accounts.js';
import { describeInBrowser } from '../support/browser.js';
import { TestSpa } from '../support/spa.js';

describeInBrowser('a single-page application that needs a recent sign-in', () => {
  let spa: TestSpa;
  let account: Account;
  let page: Page;

  beforeAll(async () => {
    spa = await TestSpa.start();
  });
  beforeEach(async () => {
    account = await register(spa.app.url);
    ({ page } = await spa.open('/login'));
    await page.getByPlaceholder('username').fill(account.username);
    await page.getByPlaceholder('password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#user', { hasText: account.username }).waitFor();
    await spa.app.sql(`UPDATE sessions SET authenticated_at = now() - interval '1 day' WHERE user_id = $1`, [
      account.id,
    ]);
  });
  afterEach(() => spa.browser.closePages());
  afterAll(() => spa?.stop());

  const press = async (name: string) => page.getByRole('button', { name, exact: true }).click();
  const asked = async (message: string) => page.locator('#message', { hasText: message }).waitFor();
  const answer = async (password: string) => {
    await page.locator('[name=current]').fill(password);
    await press('Confirm');
  };
  const expectSignedIn = async () => {
    expect(page.url()).toBe(`${spa.origin}/`);
    expect(await page.evaluate("localStorage.getItem('token')")).not.toBeNull();
  };

  it('asks for the password until it is correct, then repeats the request', async () => {
    await press('Export');
    await asked('Please confirm your password to continue.');
    await answer('not the password');
    await asked('Incorrect password');
    await expectSignedIn();
    await answer(PASSWORD);
    await page.locator('#user', { hasText: `exported ${account.username}` }).waitFor();
    await expectSignedIn();
  });

  it('asks once for all waiting requests', async () => {
    await press('Export twice');
    await asked('Please confirm');
    await answer(PASSWORD);
    await page.locator('#user', { hasText: `exported ${account.username} and ${account.username}` }).waitFor();
    expect(await page.evaluate('window.questions')).toBe(1);
  });

  it('rejects the request if the user cancels, and stays signed in', async () => {
    await press('Export');
    await asked('Please confirm');
    await press('Cancel');
    await page.locator('#error', { hasText: '"status":403' }).waitFor();
    await expectSignedIn();
  });
});
