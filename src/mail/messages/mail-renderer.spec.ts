import { readdirSync } from 'node:fs';
import { Environment } from '../../settings/environment.js';
import { sampleVariables } from '../preview/sample-variables.js';
import { MAIL_LANGUAGES } from './mail-language.js';
import { MailRenderer } from './mail-renderer.js';
import { MAIL_TEMPLATES, type MailTemplate } from './mail-variables.js';

const LINK = 'https://auth.example/account/reset-password#token=abc-def_1';
const HOME = 'https://auth.example';

function rendererOf(APP_NAME = 'Shop & Co'): MailRenderer {
  return new MailRenderer(Object.assign(new Environment(), { APP_NAME, PUBLIC_URL: HOME }));
}

describe('MailRenderer', () => {
  const renderer = rendererOf();
  const samples = sampleVariables(() => LINK);
  const messages = MAIL_LANGUAGES.flatMap((language) => MAIL_TEMPLATES.map((template) => ({ language, template })));

  it('has samples, and files in each language, for every message', () => {
    expect(Object.keys(samples).toSorted()).toEqual(MAIL_TEMPLATES.toSorted());
    const files = (language: string) => readdirSync(`${__dirname}/../templates/${language}`).toSorted();
    expect(files('en')).toEqual(files('de'));
    expect(files('en')).toHaveLength(2 * MAIL_TEMPLATES.length + 2);
  });

  it.each(messages)('fills $template in $language', ({ language, template }) => {
    const { subject, text, html } = renderer.render(template, language, samples[template]);
    expect(subject).toMatch(/^\S.{8,70}\S$/);
    for (const part of [subject, text]) expect(part).not.toMatch(/[{}]|undefined|null|\[object|&amp;/);
    expect(text).toContain('Shop & Co');
    expect(text).not.toMatch(/<|\n{3}/);
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain('Shop &amp; Co');
    expect(html.replace(/<style>.*<\/style>/s, '')).not.toMatch(/[{}]|undefined|\[object/);
  });

  it.each(messages)('links from $template in $language only to its link and the service', (message) => {
    const { html, text } = renderer.render(message.template, message.language, samples[message.template]);
    const isLinked = 'link' in samples[message.template];
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(isLinked ? [LINK] : []);
    expect(html).not.toMatch(/\s(src|background)=|url\(|@import|<link|<script|<form/i);
    const addresses = [...text.matchAll(/https?:\S+/g)].map(([address]) => address.replace(/[.,:]$/, ''));
    expect(new Set(addresses)).toEqual(new Set(isLinked ? [LINK, HOME] : [HOME]));
  });

  it('writes a link literally into the text and escapes it in the HTML', () => {
    const link = 'https://auth.example/account/reset-password#token=abc&username=J%C3%B6rg';
    const mail = renderer.render('reset-password', 'en', { username: 'Jörg', link, validMinutes: 30 });
    expect(mail.text).toContain(`\n${link}\n`);
    expect(mail.html).toContain(`href="${link.replace('&', '&amp;')}"`);
  });

  it.each(messages)('throws for each missing variable of $template in $language', ({ language, template }) => {
    const all = samples[template] as unknown as Record<string, unknown>;
    for (const name of Object.keys(all)) {
      const { [name]: _omitted, ...rest } = all;
      expect(() => renderer.render(template, language, rest as never)).toThrow();
    }
  });

  it('throws for an unknown message or language', () => {
    expect(() => renderer.render('nothing' as MailTemplate, 'en', { username: 'john' })).toThrow(RangeError);
    expect(() => renderer.render('welcome', 'fr' as 'en', { username: 'john' })).toThrow(RangeError);
  });

  it('writes times in UTC, and durations in minutes or whole hours', () => {
    const changed = (language: 'en' | 'de') =>
      renderer.render('password-changed', language, { username: 'john', at: new Date('2026-11-22T23:59:59+02:00') })
        .text;
    expect(changed('en')).toContain('was changed on 22 November 2026 at 21:59 UTC.');
    expect(changed('de')).toContain('wurde am 22. November 2026 um 21:59 Uhr (UTC) geändert.');
    const reset = (language: 'en' | 'de', validMinutes: number) =>
      renderer.render('reset-password', language, { username: 'john', link: LINK, validMinutes }).text;
    expect(reset('en', 30)).toContain('expires in 30 minutes.');
    expect(reset('en', 60)).toContain('expires in 1 hour.');
    expect(reset('de', 1440)).toContain('24 Stunden lang gültig');
  });

  it('translates device labels', () => {
    const textFor = (language: 'en' | 'de', device: string) =>
      renderer.render('new-sign-in', language, { ...samples['new-sign-in'], device }).text;
    expect(textFor('en', 'Firefox on Windows')).toContain('Device: Firefox on Windows\n');
    expect(textFor('de', 'Firefox on Windows')).toContain('Gerät: Firefox auf Windows\n');
    expect(textFor('de', 'Unknown device')).toContain('Gerät: Unbekanntes Gerät\n');
    expect(textFor('de', 'curl')).toContain('Gerät: curl\n');
  });

  it('masks the new address in the notice to the former one', () => {
    const { text, html } = renderer.render('email-changed', 'en', samples['email-changed']);
    for (const part of [text, html]) {
      expect(part).not.toContain('john.doe');
      expect(part.replaceAll('\u200C', '')).toContain('j***@e***.com');
    }
  });
});
