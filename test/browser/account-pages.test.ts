import type { Page } from 'playwright-core';
import { register, signIn, uniqueName } from '../support/accounts.js';
import { describeInBrowser, type ObservedPage, TestBrowser } from '../support/browser.js';
import { send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';

describeInBrowser('the pages of links in mails', () => {
  let service: MailedApp;
  let browser: TestBrowser;
  let observed: ObservedPage;
  let page: Page;

  beforeAll(async () => {
    const settings = {
      EMAIL_VERIFICATION: 'optional',
      PASSWORD_POLICY: 'strict',
      PUBLIC_URL: 'http://localhost:1',
      APP_URL: 'com.example.app:/signed-in?a=1&b="2"',
    };
    [service, browser] = await Promise.all([MailedApp.start({ settings }), TestBrowser.start()]);
    observed = await browser.open(`${service.url}/account/verify-email`);
    page = observed.page;
  });
  afterAll(() => Promise.all([service?.stop(), browser?.stop()]));
  beforeEach(() => {
    observed.foreignRequests.length = 0;
    observed.complaints.length = 0;
  });

  const newAddress = () => `${uniqueName('page')}@example.com`;
  const shown = async () =>
    page.locator('[data-outcome]:visible').evaluateAll((all) => all.map((each) => each.getAttribute('data-outcome')));

  /** Opens the link of a mail in a new page. */
  async function open(name: string, token: string): Promise<void> {
    await page.goto('about:blank');
    await page.goto(`${service.url}/account/${name}#token=${token}`);
  }

  async function withLink(name: string): Promise<{ username: string; email: string; token: string }> {
    const email = newAddress();
    const { username } = await register(service.url, { email, password: NEW_PASSWORD });
    const first = await service.link(email, 'verify-email');
    if (name === 'verify-email') return { username, email, token: first };
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email } });
    return { username, email, token: await service.link(email, name) };
  }

  it('verify an e-mail address only on a click, and hide the token from the address bar', async () => {
    const { token, email } = await withLink('verify-email');
    const verified = async () =>
      (await service.app.sql('SELECT FROM users WHERE email = $1 AND email_verified_at IS NOT NULL', [email])).length;
    await open('verify-email', token);
    expect(page.url()).toBe(`${service.url}/account/verify-email`);
    expect(await page.content()).not.toContain(token);
    expect([await verified(), await shown()]).toEqual([0, []]);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    expect(await verified()).toBe(1);
    expect(await page.locator('form').isVisible()).toBe(false);
    await page.reload();
    expect(await shown()).toEqual(['done']);
    expect([observed.foreignRequests, observed.complaints]).toEqual([[], []]);
  });

  it('accept a link that is opened in a tab that already shows such a page', async () => {
    const { token, email } = await withLink('verify-email');
    await page.goto('about:blank');
    await page.goto(`${service.url}/account/verify-email`);
    await page.locator('[data-outcome=missing]').waitFor();
    const loaded = page.waitForEvent('load');
    await page.goto(`${service.url}/account/verify-email#token=${token}`);
    await loaded;
    expect(page.url()).toBe(`${service.url}/account/verify-email`);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    const verified = 'SELECT FROM users WHERE email = $1 AND email_verified_at IS NOT NULL';
    expect(await service.app.sql(verified, [email])).toHaveLength(1);
  });

  it('set a new password, and explain why a password is refused', async () => {
    const { token, username } = await withLink('reset-password');
    await open('reset-password', token);
    const field = page.getByLabel('New password');
    for (const [password, outcome] of [
      // 4 characters but 8 UTF-16 code units: the minlength of the field counts the latter.
      ['\u{1f600}'.repeat(4), 'short'],
      ['password123', 'weak'],
      ['€'.repeat(25), 'long'],
    ] as const) {
      await field.fill(password);
      await page.getByRole('button').click();
      await page.locator(`[data-outcome=${outcome}]`).waitFor();
      expect(await shown()).toEqual([outcome]);
      expect(await page.evaluate('document.activeElement.id')).toBe('password');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.getAttribute('aria-describedby')).toBe(outcome);
      if (outcome === 'short') expect(await page.locator('[data-outcome=short]').innerText()).toContain('8 characters');
    }
    await field.fill('correct horse staple');
    await page.getByLabel('Show password').check();
    expect(await field.getAttribute('type')).toBe('text');
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    expect(await page.evaluate('document.activeElement.dataset.outcome')).toBe('done');
    await signIn(service.url, { username, password: 'correct horse staple' });
  });

  it('keep the focus on the button if the service is busy, even if a proxy answers', async () => {
    const { token } = await withLink('verify-email');
    await open('verify-email', token);
    await page.route('**/api/v1/**', (route) =>
      route.fulfill({ status: 503, contentType: 'text/html', body: '<h1>503</h1>' }),
    );
    await page.getByRole('button').click();
    await page.locator('[data-outcome=busy]').waitFor();
    await page.unroute('**/api/v1/**');
    expect(await page.evaluate('document.activeElement.type')).toBe('submit');
  });

  it('show no message about a password on a page without one', async () => {
    await open('verify-email', 'a%00b');
    await page.getByRole('button').click();
    await page.locator('[data-outcome=invalid]').waitFor();
    expect(await shown()).toEqual(['invalid']);
  });

  it('hide the form and show a note if scripts do not run', async () => {
    const { text } = await send(service.url, '/account/reset-password');
    expect(text).toMatch(/<form [^>]*hidden>/);
    expect(text).toMatch(/<noscript><p>[^<]+<\/p><\/noscript>/);
  });

  it('confirm a new e-mail address', async () => {
    const { username } = await withLink('verify-email');
    const token = await signIn(service.url, { username, password: NEW_PASSWORD });
    const email = newAddress();
    const body = { email, current_password: NEW_PASSWORD };
    await send(service.url, '/api/v1/users/me/email', { body, token });
    await open('confirm-email', await service.link(email, 'confirm-email'));
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    const me = await send<{ email: string }>(service.url, '/api/v1/users/me', { token });
    expect(me.body.email).toBe(email);
  });

  it.each(['reset-password', 'verify-email', 'confirm-email'])('report an invalid link: %s', async (name) => {
    await open(name, 'x'.repeat(43));
    if (name === 'reset-password') await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=invalid]').waitFor();
    expect(await shown()).toEqual(['invalid']);
    await page.reload();
    await page.locator('[data-outcome=missing]').waitFor();
    expect(await page.locator('form').isVisible()).toBe(false);
  });

  it('provide the username only to password managers', async () => {
    const email = newAddress();
    const username = `${uniqueName('o')}.ü+&=#%`;
    await register(service.url, { username, email, password: NEW_PASSWORD });
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email } });
    const { text } = await service.inbox.next(({ text }) => text.includes('/account/reset-password#token='));
    const [link = ''] = /http:\S+/.exec(text) ?? [];
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(link.replace('http://localhost:1', service.url));
    const field = page.locator('form input[autocomplete=username]');
    expect([await field.inputValue(), await field.isVisible(), await field.getAttribute('type')]).toEqual([
      username,
      false,
      'text',
    ]);
    expect(page.url()).toBe(`${service.url}/account/reset-password`);
    expect(asked.map((url) => new URL(url).pathname)).toEqual([
      '/account/reset-password',
      '/account/pages.css',
      '/account/pages.js',
    ]);
    await page.getByLabel('New password').fill('correct horse staple');
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    // Chromium takes the removal of the form as a successful submission.
    expect(await page.locator('input').count()).toBe(0);
  });

  it('provide no username if the link has none', async () => {
    await open('reset-password', 'x'.repeat(43));
    expect(await page.locator('input[autocomplete=username]').inputValue()).toBe('');
    await open('verify-email', 'x'.repeat(43));
    expect(await page.locator('input[autocomplete=username]').count()).toBe(0);
  });

  it.each(['reset-password', 'verify-email'])('send a new link for an expired one: %s', async (name) => {
    const email = newAddress();
    await register(service.url, { email, password: NEW_PASSWORD });
    if (name === 'verify-email') await service.link(email, name);
    await open(name, 'x'.repeat(43));
    if (name === 'reset-password') await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=invalid]').waitFor();
    const field = page.getByLabel('E-mail address');
    for (const wrong of ['', 'nobody', 'a@b']) {
      await field.fill(wrong);
      await page.getByRole('button').click();
      await page.locator('[data-outcome=address]').waitFor();
      expect(await page.evaluate('document.activeElement.id')).toBe('email');
      expect(await field.getAttribute('aria-describedby')).toBe('address');
    }
    await field.fill(email);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=sent]').waitFor();
    expect(await shown()).toEqual(['sent']);
    expect(await page.evaluate('document.activeElement.dataset.outcome')).toBe('sent');
    expect(await page.locator('form').count()).toBe(0);
    const token = await service.link(email, name);
    await open(name, token);
    if (name === 'reset-password') await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    expect(observed.foreignRequests).toEqual([]);
  });

  it('show the same for an unknown address, and report too many requests', async () => {
    for (const [status, body, outcome] of [
      [202, { message: 'accepted' }, 'sent'],
      [429, { code: 'auth.too_many_messages' }, 'later'],
      [503, {}, 'busy'],
    ] as const) {
      await open('reset-password', 'x'.repeat(43));
      await page.getByLabel('New password').fill(NEW_PASSWORD);
      await page.getByRole('button').click();
      await page.getByLabel('E-mail address').fill(newAddress());
      if (status !== 202) {
        const answer = { status, contentType: 'application/problem+json', body: JSON.stringify(body) };
        await page.route('**/forgot-password', (route) => route.fulfill(answer));
      }
      await page.getByRole('button').click();
      await page.locator(`[data-outcome=${outcome}]`).waitFor();
      expect(await shown()).toEqual([outcome]);
      await page.unroute('**/forgot-password');
    }
  });

  it('do not offer a new link if only a signed-in user can request one', async () => {
    await open('confirm-email', 'x'.repeat(43));
    await page.getByRole('button').click();
    await page.locator('[data-outcome=invalid]').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
    expect(await page.locator('[data-outcome=invalid]').innerText()).toContain('sign in');
    expect(await page.getByRole('link').isVisible()).toBe(true);
  });

  it('link to APP_URL only after success', async () => {
    const { token } = await withLink('verify-email');
    await open('verify-email', token);
    expect(await page.getByRole('link').count()).toBe(0);
    await page.getByRole('button').click();
    await page.locator('[data-outcome=done]').waitFor();
    const link = page.getByRole('link', { name: 'Continue to the application' });
    expect(await link.getAttribute('href')).toBe('com.example.app:/signed-in?a=1&b="2"');
    await page.reload();
    expect(await link.isVisible()).toBe(true);
  });

  it('are in German if the browser prefers it, otherwise in English', async () => {
    for (const [languages, language, title] of [
      ['de-CH, fr;q=0.5', 'de', 'Neues Passwort wählen'],
      ['fr', 'en', 'Choose a new password'],
    ] as const) {
      const answer = await send(service.url, '/account/reset-password', { headers: { 'accept-language': languages } });
      expect(answer.headers['content-language']).toBe(language);
      expect(answer.text).toContain(`<h1>${title}</h1>`);
    }
  });

  it('forbid caching, framing and referrers', async () => {
    const { headers } = await send(service.url, '/account/reset-password');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
  });
});
