import { Metrics } from '../../platform/metrics/metrics.js';
import { emailTaken, usernameTaken } from '../../users/users.errors.js';
import { clientGone, overloadedFor } from '../passwords/hashing/hash-queue.errors.js';
import { AuthMetrics } from './auth-metrics.js';
import { inactiveUser, invalidCredentials, tooManyAttempts, tooManyRegistrations } from './sign-in.errors.js';

async function outcomesOf(count: (metrics: AuthMetrics) => Promise<unknown>): Promise<string[]> {
  const registry = new Metrics();
  await count(new AuthMetrics(registry)).catch(() => undefined);
  const metrics = await registry.registry.getMetricsAsJSON();
  return metrics.flatMap(({ name, values }) =>
    values.flatMap(({ value, labels }) => (value > 0 ? `${name} ${labels.outcome}: ${value}` : [])),
  );
}

describe('AuthMetrics', () => {
  it.each([
    ['invalid_credentials', invalidCredentials()],
    ['inactive', inactiveUser()],
    ['throttled', tooManyAttempts()],
    ['shed', overloadedFor(1)],
    ['client_gone', clientGone()],
    ['error', tooManyRegistrations()],
    ['error', new Error('internal error')],
  ])('counts a sign-in as %s', async (outcome, error) => {
    const counted = await outcomesOf((metrics) => metrics.countLogin(Promise.reject(error)));
    expect(counted).toEqual([`auth_logins_total ${outcome}: 1`]);
  });

  it.each([
    ['taken', usernameTaken()],
    ['taken', emailTaken()],
    ['throttled', tooManyRegistrations()],
    ['shed', overloadedFor(1)],
    ['client_gone', clientGone()],
    ['error', invalidCredentials()],
  ])('counts a registration as %s', async (outcome, error) => {
    const counted = await outcomesOf((metrics) => metrics.countRegistration(Promise.reject(error)));
    expect(counted).toEqual([`auth_registrations_total ${outcome}: 1`]);
  });

  it('returns the result and rethrows the error', async () => {
    const metrics = new AuthMetrics(new Metrics());
    const error = invalidCredentials();
    expect(await metrics.countLogin(Promise.resolve(7))).toBe(7);
    await expect(metrics.countRegistration(Promise.reject(error))).rejects.toBe(error);
  });
});
