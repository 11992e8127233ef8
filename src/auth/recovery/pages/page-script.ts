/** The script of all account pages, in a file because the Content-Security-Policy forbids inline scripts. */
export const PAGE_SCRIPT = `'use strict';
const fragment = new URLSearchParams(location.hash.slice(1));
const token = fragment.get('token');
// Phones reload a page that they dropped from memory. A completed action must still show as completed.
const wasDone = !token && history.state === 'done';
// Keeps the token out of the address bar, the history and copies of the address.
history.replaceState(wasDone ? 'done' : null, '', location.pathname);

/** The visible form: the one of the link, or the one that requests another link. */
let form = document.querySelector('form');
const again = document.querySelector('#again');
const back = document.querySelector('#back');
const password = document.querySelector('#password');
const username = document.querySelector('#username');
// For password managers.
if (username) username.value = fragment.get('username') ?? '';

const FINAL_OUTCOMES = ['done', 'sent', 'invalid', 'missing', 'taken'];
const FIELD_OUTCOMES = ['short', 'long', 'weak', 'address'];

/** Shows the text of an outcome, if it has one, and links it to the input field. */
function show(outcome) {
  for (const text of document.querySelectorAll('[data-outcome]')) text.hidden = text.dataset.outcome !== outcome;
  const field = form.querySelector('[required]');
  if (field && FIELD_OUTCOMES.includes(outcome)) {
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', outcome);
  } else if (field) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

/** Shows an outcome and returns the focus, which the disabled button lost, for keyboards and screen readers. */
function finish(outcome) {
  const button = form.querySelector('button');
  button.disabled = false;
  show(outcome);
  if (FINAL_OUTCOMES.includes(outcome)) end(outcome);
  else (FIELD_OUTCOMES.includes(outcome) ? form.querySelector('[required]') : button).focus();
}

/** Removes the form, which lets password managers save the password, and shows the next step. */
function end(outcome) {
  if (outcome === 'done') history.replaceState('done', '');
  form.remove();
  if (outcome === 'invalid' && again) {
    again.replaceWith(again.content);
    form = document.querySelector('form');
  } else if (back) {
    back.hidden = outcome === 'sent' || outcome === 'missing';
  }
  document.querySelector('[data-outcome]:not([hidden])').focus();
}

function problemOf(status, { code, errors = [] }) {
  if (form.dataset.field === 'email' && status === 422) return 'address';
  if (status === 422 && (!password || errors[0]?.loc?.includes('token'))) return 'invalid';
  if (status === 422) return errors[0]?.type === 'string_too_short' ? 'short' : 'weak';
  if (code === 'auth.invalid_link') return 'invalid';
  if (code === 'users.email_taken') return 'taken';
  if (code === 'auth.too_many_messages') return 'later';
  return status === 429 || status === 503 ? 'busy' : 'failed';
}

async function submit({ endpoint, field, success }) {
  const value = field && form.querySelector('[required]').value;
  if (field === 'new_password' && new TextEncoder().encode(value).length > 72) return 'long';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/problem+json' },
    body: JSON.stringify({ ...(success === 'done' ? { token } : {}), ...(field ? { [field]: value } : {}) }),
    credentials: 'omit',
  });
  return response.ok ? success : problemOf(response.status, await response.json().catch(() => ({})));
}

document.addEventListener('submit', (event) => {
  event.preventDefault();
  form.querySelector('button').disabled = true;
  show('none');
  submit(form.dataset)
    .catch(() => 'failed')
    .then(finish);
});

document.querySelector('#show')?.addEventListener('change', ({ target }) => {
  password.type = target.checked ? 'text' : 'password';
});

// A link pasted into the same tab changes only the fragment, so the browser loads nothing.
addEventListener('hashchange', () => location.reload());

// The form is hidden in the HTML, because without this script it would accept a password and do nothing.
if (token) form.hidden = false;
else finish(wasDone ? 'done' : 'missing');
`;
