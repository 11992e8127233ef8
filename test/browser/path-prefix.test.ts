import { type Account, register, uniqueName } from '../support/accounts.js';
import { describeInBrowser, type ObservedPage, TestBrowser } from '../support/browser.js';
import { send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import type { Nginx } from '../support/nginx.js';
import { describeWith } from '../support/programs.js';
import { STRIPPED_PATH, startStrippingNginx } from '../support/stripped-path.js';
import { SwaggerUi } from '../support/swagger-ui.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';

describeWith('nginx')('behind an nginx that strips a path', () => {
  describeInBrowser('a browser', () => {
    let service: MailedApp;
    let nginx: Nginx;
    let browser: TestBrowser;
    let account: Account;
    let email: string;
    /** `http://127.0.0.1:12345/auth` */
    let base: string;

    beforeAll(async () => {
      // With DEBUG a loopback origin may use the cookie.
      const settings = {
        TRUST_PROXY: '1',
        EMAIL_VERIFICATION: 'optional',
        PUBLIC_URL: '',
        DEBUG: 'True',
      };
      [service, browser] = await Promise.all([MailedApp.start({ settings }), TestBrowser.start()]);
      nginx = await startStrippingNginx(service.url);
      base = `${nginx.url}${STRIPPED_PATH}`;
      email = `${uniqueName('path')}@example.com`;
      account = await register(service.url, { email });
    });
    afterAll(async () => {
      await Promise.all([nginx?.stop(), browser?.stop()]);
      await service?.stop();
    });
    afterEach(() => browser.closePages());

    const expectNoComplaints = ({ complaints, foreignRequests }: ObservedPage) =>
      expect([complaints, foreignRequests]).toEqual([[], []]);

    it('signs in at /docs and tries out /users/me', async () => {
      const observed = await browser.open(`${base}/docs`);
      const docs = new SwaggerUi(observed.page);
      await docs.operation('get', '/api/v1/users/me').waitFor();
      expect(await observed.page.locator('.info a.link').getAttribute('href')).toBe('/auth/openapi.json');
      await docs.authorize(account.username, account.password);
      await docs.signedIn('OAuth2PasswordBearer').waitFor();
      await docs.closeDialog();
      const answer = await docs.execute(await docs.tryOut('get', '/api/v1/users/me'));
      expect(answer.status).toMatch(/^200/);
      expect(JSON.parse(answer.body)).toMatchObject({ id: account.id });
      expectNoComplaints(observed);
    });

    it('shows the operations in /redoc', async () => {
      const observed = await browser.open(`${base}/redoc`);
      await observed.page.locator('#tag\\/users').waitFor();
      expect(await observed.page.locator('.api-content').textContent()).toContain(`${base}/api/v1/users/me`);
      expectNoComplaints(observed);
    });

    it('opens the description of an error by its type', async () => {
      const headers = { accept: 'application/problem+json' };
      const { body } = await send<{ type: string }>(nginx.url, `${STRIPPED_PATH}/api/v1/users/me`, { headers });
      const observed = await browser.open(new URL(body.type, nginx.url).href);
      expect(await observed.page.locator('tr:target code').first().innerText()).toBe('auth.not_authenticated');
      await observed.page.locator('p a').click();
      await observed.page.locator('#swagger-ui .info').waitFor();
      expectNoComplaints(observed);
    });

    it('follows a redirect to a path without the trailing slash', async () => {
      const observed = await browser.open(`${base}/redoc/`);
      expect(observed.page.url()).toBe(`${base}/redoc`);
    });

    it('verifies an e-mail address and sets a password on the account pages', async () => {
      const observed = await browser.open(
        `${base}/account/verify-email#token=${await service.link(email, 'verify-email')}`,
      );
      await observed.page.getByRole('button').click();
      await observed.page.locator('[data-outcome=done]').waitFor();
      await send(nginx.url, `${STRIPPED_PATH}/api/v1/auth/forgot-password`, { body: { email } });
      const token = await service.link(email, 'reset-password');
      await observed.page.goto(`${base}/account/reset-password#token=${token}`);
      await observed.page.getByLabel('New password').fill(NEW_PASSWORD);
      await observed.page.getByRole('button').click();
      await observed.page.locator('[data-outcome=done]').waitFor();
      expectNoComplaints(observed);
    });

    it('keeps its refresh token in a cookie, which it sends below the path', async () => {
      const observed = await browser.open(`${base}/docs`);
      const { username } = await register(service.url, { password: NEW_PASSWORD });
      const script = `async ([path, body]) => {
        const headers = { 'x-auth-mode': 'cookie', 'content-type': 'application/json' };
        const answer = await fetch('${STRIPPED_PATH}/api/v1/auth/' + path, { method: 'POST', headers, body });
        return [answer.status, Object.keys(await answer.json())];
      }`;
      const ask = async (path: string, body?: object) =>
        observed.page.evaluate(`(${script})(${JSON.stringify([path, JSON.stringify(body)])})`);
      const tokens = [200, ['access_token', 'token_type', 'expires_in']];
      expect(await ask('login-json', { username, password: NEW_PASSWORD })).toEqual(tokens);
      expect(await ask('refresh')).toEqual(tokens);
      expect(await observed.page.context().cookies()).toMatchObject([
        { name: 'refresh_token', path: '/', httpOnly: true },
      ]);
    });
  });
});
