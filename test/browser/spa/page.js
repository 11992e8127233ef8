/* A page around the client that the README shows: /login signs in, / shows the account. */
import { api, login, logout } from './client.js';

window.api = api;

/** What a script can see of a failure; without the CORS headers an answer is a network error. */
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
