'use strict';
/* The browser client that the documentation shows: /login signs in, / shows the account. */

const api = axios.create({ baseURL: new URLSearchParams(location.search).get('api') ?? localStorage.getItem('api') });
localStorage.setItem('api', api.defaults.baseURL);

api.interceptors.request.use((config) => {
  const token = localStorage.getItem('token');
  if (token) config.headers.Authorization = `Bearer ${token}`;
  return config;
});

api.interceptors.response.use(
  (response) => response,
  (error) => {
    sessionStorage.setItem('lastError', JSON.stringify(describe(error)));
    if (error.response?.status === 401) {
      localStorage.removeItem('token');
      window.location.href = '/login';
    }
    return Promise.reject(error);
  },
);

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

const actions = {
  async register() {
    await api.post('/api/v1/auth/register', { username: field('username'), password: field('password') });
    document.querySelector('#user').textContent = 'registered';
  },
  async login() {
    const form = new URLSearchParams({ username: field('username'), password: field('password') });
    const { data } = await api.post('/api/v1/auth/login', form);
    localStorage.setItem('token', data.access_token);
    window.location.href = '/';
  },
  async me() {
    const { data } = await api.get('/api/v1/users/me');
    document.querySelector('#user').textContent = data.username;
  },
};

function run(action) {
  action().catch((error) => {
    document.querySelector('#error').textContent = JSON.stringify(describe(error));
  });
}

document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  run(actions[event.submitter.name]);
});
if (location.pathname === '/') run(actions.me);
