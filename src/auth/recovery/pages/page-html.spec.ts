import { pageHtml } from './page-html.js';
import { COMMON_TEXTS, PAGE_TEXTS } from './page-texts.js';

const settings = { APP_NAME: 'Fish & <Chips>', PASSWORD_POLICY: 'compatible' } as const;
const PAGES = ['reset-password', 'verify-email', 'confirm-email'] as const;

describe('pageHtml', () => {
  it.each(PAGES)('contains no link without APP_URL: %s', (page) => {
    expect(pageHtml(page, 'en', settings)).not.toContain('<a ');
  });

  it.each(PAGES)('escapes APP_URL: %s', (page) => {
    const APP_URL = `https://app.example.com/?a="><script>&b='x'`;
    expect(pageHtml(page, 'de', { ...settings, APP_URL })).toContain(
      '<a href="https://app.example.com/?a=&quot;&gt;&lt;script&gt;&amp;b=&#x27;x&#x27;">Weiter zur Anwendung</a>',
    );
  });

  it.each(PAGES)('contains no inline script or style, and only relative URLs: %s', (page) => {
    const html = pageHtml(page, 'en', settings);
    expect(html).not.toMatch(/ style=| on[a-z]+=|<script(?! src=)|<style/);
    expect(html).not.toMatch(/(?:src|href|data-endpoint)="\//);
  });

  it('has every text in every language', () => {
    for (const page of PAGES) {
      expect(Object.keys(PAGE_TEXTS.de[page])).toEqual(Object.keys(PAGE_TEXTS.en[page]));
    }
    expect(Object.keys(COMMON_TEXTS.de)).toEqual(Object.keys(COMMON_TEXTS.en));
  });
});
