import { escapeHtml } from '../../fastapi/docs-pages/pages.js';
import type { LinkedPage } from '../../mail/links.js';
import type { MailLanguage } from '../../mail/mails.js';
import type { Environment } from '../../platform/config/environment.js';
import { passwordMinLength } from '../passwords/password-policy.js';
import { COMMON_TEXTS, PAGE_TEXTS } from './page-texts.js';

/** The texts of common outcomes that the script shows one of, by the names that it knows them under. */
const PROBLEMS = ['invalid', 'missing', 'taken', 'short', 'long', 'weak', 'busy', 'failed'] as const;

/**
 * The page of a link. It does nothing by itself, since mail programs open links to look at them (row A63), and is the same
 * for everybody: the token is in the fragment, which the server never sees.
 */
export function pageHtml(
  page: LinkedPage,
  language: MailLanguage,
  { APP_NAME: serviceName, PASSWORD_POLICY }: Pick<Environment, 'APP_NAME' | 'PASSWORD_POLICY'>,
): string {
  const minLength = passwordMinLength(PASSWORD_POLICY);
  const texts = PAGE_TEXTS[language][page];
  const common = COMMON_TEXTS[language];
  const problems = PROBLEMS.map(
    (name) =>
      `<p id="${name}" data-outcome="${name}" role="alert" tabindex="-1" hidden>${escapeHtml(common[name].replace('{minLength}', String(minLength)))}</p>`,
  );
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="pages.css">
<title>${escapeHtml(`${texts.title} - ${serviceName}`)}</title>
</head>
<body>
<main>
<p class="service">${escapeHtml(serviceName)}</p>
<h1>${escapeHtml(texts.title)}</h1>
<noscript><p>${escapeHtml(common.noScript)}</p></noscript>
<form data-endpoint="../api/v1/auth/${page}" hidden>
<p>${escapeHtml(texts.intro)}</p>
${page === 'reset-password' ? passwordField(language, minLength) : ''}<button type="submit">${escapeHtml(texts.button)}</button>
</form>
<p data-outcome="done" role="status" tabindex="-1" hidden>${escapeHtml(texts.done)}</p>
${problems.join('\n')}
</main>
<script src="pages.js"></script>
</body>
</html>
`;
}

function passwordField(language: MailLanguage, minLength: number): string {
  const { password, showPassword } = COMMON_TEXTS[language];
  return `<label for="password">${escapeHtml(password)}</label>
<input id="password" type="password" autocomplete="new-password" required minlength="${minLength}">
<label class="choice"><input id="show" type="checkbox"> ${escapeHtml(showPassword)}</label>
`;
}

export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --ink: #1c2024; --quiet: #60646c; --line: #d3d7de; --field: #82868e; --accent: #0b5fd0; --on-accent: #fff;
  font: 16px/1.5 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #111315; --card: #1b1e21; --ink: #eceef0; --quiet: #a3a9b1; --line: #3c4147; --field: #767c85; --accent: #6aa9ff; --on-accent: #0b1220; }
}
* { box-sizing: border-box; }
[hidden] { display: none; }
body { background: var(--ground); color: var(--ink); display: grid; margin: 0; min-height: 100vh; padding: 1rem; place-items: center; }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; max-width: 26rem; min-width: 0; overflow-wrap: anywhere; padding: 2rem; width: 100%; }
.service { color: var(--quiet); font-size: .875rem; margin: 0; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: .25rem 0 1rem; }
p { margin: 0 0 1rem; }
[data-outcome] { margin-bottom: 0; }
label { display: block; font-weight: 600; }
.choice { color: var(--quiet); font-weight: 400; margin-bottom: 1rem; }
input:not([type=checkbox]) { background: transparent; border: 1px solid var(--field); border-radius: .5rem; color: inherit; font: inherit; margin: .25rem 0 .5rem; padding: .625rem .75rem; width: 100%; }
button { background: var(--accent); border: 1px solid transparent; border-radius: .5rem; color: var(--on-accent); cursor: pointer; font: inherit; font-weight: 600; padding: .75rem 1rem; width: 100%; }
button:disabled { cursor: progress; opacity: .6; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[data-outcome]:focus { outline: 0; }
[role=alert] { border-left: 3px solid #d4380d; margin-top: 1rem; padding-left: .75rem; }
`;

/** The same for all pages: what there is to say stands in them. Runs under a policy that allows no inline script. */
export const PAGE_SCRIPT = `'use strict';
const token = new URLSearchParams(location.hash.slice(1)).get('token');
// A phone loads a page anew that it has dropped: what was done then is done still.
const wasDone = !token && history.state === 'done';
// Out of the address bar, the history and whatever is copied from them.
history.replaceState(wasDone ? 'done' : null, '', location.pathname);

const form = document.querySelector('form');
const button = form.querySelector('button');
const password = document.querySelector('#password');
const FINAL = ['done', 'invalid', 'missing', 'taken'];
const OF_PASSWORD = ['short', 'long', 'weak'];

/** Gives the text that is shown, if any. */
function show(outcome) {
  for (const text of document.querySelectorAll('[data-outcome]')) text.hidden = text.dataset.outcome !== outcome;
  form.hidden = FINAL.includes(outcome);
  if (OF_PASSWORD.includes(outcome)) {
    password.setAttribute('aria-invalid', 'true');
    password.setAttribute('aria-describedby', outcome);
  } else if (password) {
    password.removeAttribute('aria-invalid');
    password.removeAttribute('aria-describedby');
  }
  return document.querySelector('[data-outcome]:not([hidden])');
}

/** A button that is disabled or gone loses the focus: without this the keyboard, and who listens, are at no place. */
function showAnswer(outcome) {
  button.disabled = false;
  if (outcome === 'done') history.replaceState('done', '');
  const text = show(outcome);
  if (form.hidden) text.focus();
  else (OF_PASSWORD.includes(outcome) ? password : button).focus();
}

function problemOf(status, { code, errors = [] }) {
  if (status === 422 && (!password || errors[0]?.loc?.includes('token'))) return 'invalid';
  if (status === 422) return errors[0]?.type === 'string_too_short' ? 'short' : 'weak';
  if (code === 'auth.invalid_link') return 'invalid';
  if (code === 'users.email_taken') return 'taken';
  return status === 429 || status === 503 ? 'busy' : 'failed';
}

async function redeem() {
  if (password && new TextEncoder().encode(password.value).length > 72) return 'long';
  const response = await fetch(form.dataset.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/problem+json' },
    body: JSON.stringify(password ? { token, new_password: password.value } : { token }),
    credentials: 'omit',
  });
  return response.ok ? 'done' : problemOf(response.status, await response.json().catch(() => ({})));
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  button.disabled = true;
  show('none');
  redeem()
    .catch(() => 'failed')
    .then(showAnswer);
});

document.querySelector('#show')?.addEventListener('change', ({ target }) => {
  password.type = target.checked ? 'text' : 'password';
});

// Another link that is pasted into the same tab changes the fragment alone, and loads nothing.
addEventListener('hashchange', () => location.reload());

// Hidden until here: without this script the form would take a password and do nothing.
show(token ? 'none' : wasDone ? 'done' : 'missing');
`;
