import type { FastifyInstance } from 'fastify';
import type { LinkedPage } from '../../../mail/messages/links.js';
import { languageOf, MAIL_LANGUAGES } from '../../../mail/messages/mail-language.js';
import type { MailSettings } from '../../../mail/settings/mail.settings.js';
import { pageHtml, type PageVariables } from './page-html.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

const PAGES: readonly LinkedPage[] = ['reset-password', 'verify-email', 'confirm-email'];

/** Allows only files and requests of the service itself: no inline code, no framing, and no strings as markup. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/**
 * Registers the pages that links in messages open: `/account/reset-password`, `/account/verify-email` and
 * `/account/confirm-email`. A GET changes nothing. All URLs in them are relative, so they also work under a path
 * prefix.
 */
export function installAccountPages(
  fastify: FastifyInstance,
  environment: PageVariables & Pick<MailSettings, 'MAIL_LANGUAGE'>,
): void {
  for (const page of PAGES) {
    const texts = new Map(MAIL_LANGUAGES.map((language) => [language, pageHtml(page, language, environment)]));
    fastify.get(`/account/${page}`, (request, reply) => {
      const language = languageOf(request.headers['accept-language'] ?? null, environment.MAIL_LANGUAGE);
      return reply
        .headers({
          'content-type': 'text/html; charset=utf-8',
          'content-language': language,
          'content-security-policy': PAGE_POLICY,
          vary: 'Origin, Accept-Language',
        })
        .send(texts.get(language));
    });
  }
  const serve = (url: string, contentType: string, content: string) =>
    fastify.get(url, (_request, reply) => reply.headers({ 'content-type': contentType }).send(content));
  serve('/account/pages.css', 'text/css; charset=utf-8', PAGE_STYLE);
  serve('/account/pages.js', 'text/javascript; charset=utf-8', PAGE_SCRIPT);
}
