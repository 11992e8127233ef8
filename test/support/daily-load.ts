import { Agent } from 'node:http';
import { PASSWORD, signedIn, uniqueName } from './accounts.js';
import { type LoadRequest, SteadyLoad } from './steady-load.js';

/** Typical requests: mostly for the account, sometimes a form with an error. */
async function dailyRequests(url: string): Promise<LoadRequest[]> {
  const { token } = await signedIn(url);
  return [
    { path: '/api/v1/users/me', headers: { authorization: `Bearer ${token}` }, expected: 200, share: 70 },
    { path: '/health/live', expected: 200, share: 15 },
    { method: 'POST', path: '/api/v1/auth/login-json', body: () => ({ username: '' }), expected: 422, share: 15 },
  ];
}

/** Registrations run in a separate loop, since hashing has a lower priority and is slow on busy cores. */
const REGISTRATION = {
  method: 'POST',
  path: '/api/v1/auth/register',
  body: () => ({ username: uniqueName('load'), password: PASSWORD }),
  expected: 200,
};

/** Sends requests over persistent connections, like browsers and proxies. */
export async function startDailyLoad(url: string, perSecond: number): Promise<SteadyLoad> {
  const requests = await dailyRequests(url);
  return new SteadyLoad({ url, perSecond, requests, again: REGISTRATION, agent: new Agent({ keepAlive: true }) });
}
