import { Agent } from 'node:http';
import { PASSWORD, signedIn, uniqueName } from './accounts.js';
import { type LoadRequest, SteadyLoad } from './steady-load.js';

/** What clients ask of the service all day: their account, mostly; now and then a form with an error. */
async function dailyRequests(url: string): Promise<LoadRequest[]> {
  const { token } = await signedIn(url);
  return [
    { path: '/api/v1/users/me', headers: { authorization: `Bearer ${token}` }, expected: 200, share: 70 },
    { path: '/health/live', expected: 200, share: 15 },
    { method: 'POST', path: '/api/v1/auth/login-json', body: () => ({ username: '' }), expected: 422, share: 15 },
  ];
}

/** Hashing steps back behind serving: where the cores are busy it takes its time. */
const REGISTRATION = {
  method: 'POST',
  path: '/api/v1/auth/register',
  body: () => ({ username: uniqueName('load'), password: PASSWORD }),
  expected: 200,
};

/** Requests over connections that are kept, as browsers and proxies do. */
export async function startDailyLoad(url: string, perSecond: number): Promise<SteadyLoad> {
  const requests = await dailyRequests(url);
  return new SteadyLoad({ url, perSecond, requests, again: REGISTRATION, agent: new Agent({ keepAlive: true }) });
}
