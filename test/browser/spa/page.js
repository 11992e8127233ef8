/* A page that uses the client of docs/react.md: /login signs in, / shows the account. */
import { api, askPasswordWith, login, logout } from './client.js';

window.api = api;

/** The parts of an error that a script can read; without CORS headers a response is a network error. */
function describe({ code, response }) {
  return {
    code,
    status: response?.status,
    body: response?.data,
    requestId: response?.headers['x-request-id'],
  };
}

const field = (name) => document.querySelector(`[name=${name}]`).value;
const show = (text) => (document.querySelector('#user').textContent = text);

const dialog = document.querySelector('dialog');

askPasswordWith(
  (message) =>
    new Promise((resolve) => {
      window.questions = (window.questions ?? 0) + 1;
      document.querySelector('#message').textContent = message;
      document.querySelector('[name=current]').value = '';
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'confirm' ? field('current') : null), {
        once: true,
      });
      dialog.showModal();
    }),
);

async function exportOnce() {
  const { data } = await api.get('/users/me/export', { responseType: 'blob' });
  return JSON.parse(await data.text()).account.username;
}

const actions = {
  async register() {
    await api.post('/auth/register', { username: field('username'), password: field('password') });
    show('registered');
  },
  async login() {
    await login(field('username'), field('password'));
    window.location.href = '/';
  },
  logout,
  async export() {
    show(`exported ${await exportOnce()}`);
  },
  async exports() {
    show(`exported ${(await Promise.all([exportOnce(), exportOnce()])).join(' and ')}`);
  },
  async me() {
    const { data } = await api.get('/users/me');
    show(data.username);
  },
};

function run(action) {
  action().catch((error) => {
    sessionStorage.setItem('lastError', JSON.stringify(describe(error)));
    document.querySelector('#error').textContent = JSON.stringify(describe(error));
  });
}

document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  run(actions[event.submitter.name]);
});
if (location.pathname === '/') run(actions.me);
