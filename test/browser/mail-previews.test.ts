import type { Page } from 'playwright-core';
import { describeInBrowser, TestBrowser } from '../support/browser.js';
import { TestApp } from '../support/test-app.js';

/** The background colour of an element in the framed message. */
async function backgroundOf(page: Page, selector: string): Promise<unknown> {
  return page.frames()[1]?.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);
}

describeInBrowser('/dev/mails', () => {
  let app: TestApp;
  let browser: TestBrowser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([TestApp.start({ settings: { DEBUG: 'True' } }), TestBrowser.start()]);
  });
  afterEach(() => browser.closePages());
  afterAll(async () => {
    await browser.stop();
    await app.stop();
  });

  it('shows a styled message, requests no other host and violates no policy', async () => {
    const { page, complaints, foreignRequests } = await browser.open(`${app.url}/dev/mails`);
    await page.click('a[href="/dev/mails/reset-password?language=de"]');
    const button = page.frameLocator('iframe').getByRole('link', { name: 'Neues Passwort wählen' });
    await button.waitFor();
    expect(await backgroundOf(page, 'a.button')).toBe('rgb(31, 95, 214)');
    expect(await button.getAttribute('href')).toMatch(/^http:\/\/localhost:8001\/account\/reset-password#token=/);
    expect(await page.locator('pre').textContent()).toContain('Neues Passwort wählen:\nhttp://localhost:8001/account/');
    expect(complaints).toEqual([]);
    expect(foreignRequests).toEqual([]);
  });

  it('shows a message in dark colours if the browser prefers them', async () => {
    const { page } = await browser.open(`${app.url}/dev/mails/new-sign-in?language=en`);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await backgroundOf(page, 'table.card')).toBe('rgb(30, 33, 38)');
  });

  it('shows the message in a sandboxed frame', async () => {
    const { page } = await browser.open(`${app.url}/dev/mails/welcome`);
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
    const [, frame] = page.frames();
    const origin = frame?.evaluate('window.origin').catch(() => 'no scripts');
    expect(['null', 'no scripts']).toContain(await origin);
  });
});
