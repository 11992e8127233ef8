import { Environment } from '../../settings/environment.js';
import { MailRenderer } from './mail-renderer.js';

const environment = Object.assign(new Environment(), { APP_NAME: 'Shop', PUBLIC_URL: 'https://auth.example' });

/** Messages contain text from users that their recipients may not know. */
describe('MailRenderer with text from users', () => {
  const renderer = new MailRenderer(environment);
  const signIn = (username: string, device = 'Firefox on Linux') =>
    renderer.render('new-sign-in', 'en', { username, device, address: '203.0.113.7', at: new Date(0) });

  it('escapes HTML', () => {
    const { html, text } = signIn('<b>x</b>', '"><img src=x onerror=alert(1)>');
    expect(html).toContain('&lt;b&gt;x&lt;/b&gt;');
    expect(html).not.toMatch(/<b>|<img/);
    expect(text).toContain('<b>x</b>');
  });

  it.each([
    'http://evil.example/x',
    'HTTPS://evil.example',
    'www.evil.example',
    'evil.example/pay',
    'someone@evil.example',
    'пример.рф',
  ])('lets no mail program make a link of %s', (username) => {
    for (const part of Object.values(signIn(username, `${username} on Linux`))) {
      expect(part).not.toContain(username);
      expect(part).not.toMatch(/evil\.example|(http|HTTP)S?:\/\/e|пример\.рф/i);
    }
    expect(signIn(username).text.replaceAll('\u200C', '')).toContain(username);
  });

  it('leaves plain names unchanged', () => {
    expect(signIn("Zoë O'Neil 3.5").text).toContain("account Zoë O'Neil 3.5 at");
  });

  it('shortens it to one line and keeps it out of the subject', () => {
    const { subject, text } = signIn(`a\r\n\r\nYou won!\u202e\u0000${'x'.repeat(5000)}`);
    expect(subject).toBe('New sign-in to your account');
    expect(text).toContain('account a You won! xxx');
    expect(text).not.toContain('x'.repeat(121));
  });

  it('does not run a template in it', () => {
    expect(signIn('{{home}} {{{home}}} {{> footer}}').text).toContain('{{home}} {{{home}}} {{> footer}}');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', ''])('rejects the link %j', (link) => {
    expect(() => renderer.render('verify-email', 'en', { username: 'john', link, validMinutes: 1 })).toThrow(TypeError);
  });

  it('keeps a link inside its attribute', () => {
    const { html } = renderer.render('verify-email', 'en', {
      username: 'john',
      link: `https://auth.example/"><script>'&`,
      validMinutes: 1,
    });
    expect(html).toContain('href="https://auth.example/&quot;&gt;&lt;script&gt;&#39;&amp;"');
  });
});
