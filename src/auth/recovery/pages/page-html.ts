import { escapeHtml } from '../../../fastapi/docs-pages/pages.js';
import type { LinkedPage } from '../../../mail/messages/links.js';
import type { MailLanguage } from '../../../mail/messages/mail-language.js';
import type { PlatformSettings } from '../../../platform/config/platform-settings.js';
import { passwordMinLength } from '../../passwords/password-length.js';
import type { PasswordSettings } from '../../passwords/password.settings.js';
import { COMMON_TEXTS, PAGE_TEXTS } from './page-texts.js';
import type { PageSettings } from './page.settings.js';

export type PageVariables = Pick<PlatformSettings, 'APP_NAME'> & PageSettings & PasswordSettings;

/** The outcomes that all pages share. The script shows one of them. */
const PROBLEMS = ['missing', 'taken', 'short', 'long', 'weak', 'address', 'later', 'busy', 'failed'] as const;

/** The endpoints that send another link. A change of address has none, because requesting it needs a sign-in. */
const LINK_REQUEST_ENDPOINTS: Readonly<Partial<Record<LinkedPage, string>>> = {
  'reset-password': '../api/v1/auth/forgot-password',
  'verify-email': '../api/v1/auth/resend-verification',
};

/**
 * The HTML of an account page. It does nothing until the user clicks, because mail scanners open links. It is the same
 * for every user: token and username are in the fragment, which browsers do not send.
 */
export function pageHtml(page: LinkedPage, language: MailLanguage, settings: PageVariables): string {
  const minLength = passwordMinLength(settings.PASSWORD_POLICY);
  const texts = PAGE_TEXTS[language][page];
  const common = COMMON_TEXTS[language];
  const service = escapeHtml(settings.APP_NAME);
  const hasPassword = page === 'reset-password';
  const problems = PROBLEMS.map((name) =>
    outcomeMessage(name, common[name].replace('{minLength}', String(minLength)), 'alert'),
  );
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="pages.css">
<title>${escapeHtml(texts.title)} - ${service}</title>
</head>
<body>
<main>
<p class="service">${service}</p>
<h1>${escapeHtml(texts.title)}</h1>
<noscript><p>${escapeHtml(common.noScript)}</p></noscript>
<form data-endpoint="../api/v1/auth/${page}" data-success="done"${hasPassword ? ' data-field="new_password"' : ''} hidden>
<p>${escapeHtml(texts.intro)}</p>
${hasPassword ? passwordField(language, minLength) : ''}<button type="submit">${escapeHtml(texts.button)}</button>
</form>
${outcomeMessage('done', texts.done, 'status')}
${outcomeMessage('invalid', texts.invalid, 'alert')}
${problems.join('\n')}
${requestForm(page, language)}${backLink(language, settings)}</main>
<script src="pages.js"></script>
</body>
</html>
`;
}

function outcomeMessage(name: string, text: string, role: 'alert' | 'status'): string {
  return `<p id="${name}" data-outcome="${name}" role="${role}" tabindex="-1" hidden>${escapeHtml(text)}</p>`;
}

/** The password input, and a hidden username of a type that password managers read. */
function passwordField(language: MailLanguage, minLength: number): string {
  const { password, showPassword } = COMMON_TEXTS[language];
  return `<input id="username" name="username" type="text" autocomplete="username" hidden>
<label for="password">${escapeHtml(password)}</label>
<input id="password" name="new-password" type="password" autocomplete="new-password" required minlength="${minLength}">
<label class="choice"><input id="show" type="checkbox"> ${escapeHtml(showPassword)}</label>
`;
}

/**
 * A form that requests another link, in a template because the page shows one form at a time. The API validates the
 * address.
 */
function requestForm(page: LinkedPage, language: MailLanguage): string {
  const endpoint = LINK_REQUEST_ENDPOINTS[page];
  const { sent } = PAGE_TEXTS[language][page];
  if (endpoint === undefined || sent === undefined) return '';
  const { email, sendLink } = COMMON_TEXTS[language];
  return `${outcomeMessage('sent', sent, 'status')}
<template id="again">
<form data-endpoint="${endpoint}" data-success="sent" data-field="email" novalidate>
<label for="email">${escapeHtml(email)}</label>
<input id="email" name="email" type="email" autocomplete="email" required>
<button type="submit">${escapeHtml(sendLink)}</button>
</form>
</template>
`;
}

function backLink(language: MailLanguage, { APP_URL }: PageVariables): string {
  if (APP_URL === undefined) return '';
  return `<p id="back" hidden><a href="${escapeHtml(APP_URL)}">${escapeHtml(COMMON_TEXTS[language].back)}</a></p>\n`;
}
