import { MAIL_LANGUAGES, type MailLanguage } from '../messages/mail-language.js';
import type { RenderedMail } from '../messages/mail-renderer.js';
import { MAIL_TEMPLATES, type MailTemplate } from '../messages/mail-variables.js';

/** The list of all messages in all languages. */
export function listPage(product: string, smtpHost: string | undefined, prefix: string): string {
  const rows = MAIL_TEMPLATES.map((template) => `<li>${template}: ${languageLinks(prefix, template)}</li>`);
  const destination = smtpHost
    ? `Messages are sent to ${escapeHtml(smtpHost)}.`
    : 'Messages are written to DATA_DIR/mail.';
  return page(`${product}: messages`, `<p>${destination}</p>\n<ul>\n${rows.join('\n')}\n</ul>`);
}

/** A message as HTML, in a sandboxed frame, and as text. */
export function messagePage(
  template: MailTemplate,
  language: MailLanguage,
  mail: RenderedMail,
  prefix: string,
): string {
  return page(
    mail.subject,
    `<p><a href="${prefix}/dev/mails">All messages</a> · ${template}: ${languageLinks(prefix, template, language)}</p>
<iframe title="HTML" sandbox srcdoc="${escapeHtml(mail.html)}"></iframe>
<pre>${escapeHtml(mail.text)}</pre>`,
  );
}

function languageLinks(prefix: string, template: MailTemplate, current?: MailLanguage): string {
  return MAIL_LANGUAGES.map((language) =>
    language === current
      ? `<strong>${language}</strong>`
      : `<a href="${prefix}/dev/mails/${template}?language=${language}">${language}</a>`,
  ).join(' ');
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 50rem; padding: 1rem; }
iframe { border: 1px solid #8886; height: 40rem; resize: both; width: 100%; }
pre { border: 1px solid #8886; overflow-wrap: anywhere; padding: 1rem; white-space: pre-wrap; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
