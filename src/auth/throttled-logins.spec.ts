import { callerFrom } from '../../test/support/callers.js';
import type { Audit, AuditEvent } from '../audit/audit.js';
import { ThrottledLogins } from './throttled-logins.js';

describe('ThrottledLogins', () => {
  const caller = callerFrom('203.0.113.7');
  let events: AuditEvent[];
  let throttled: ThrottledLogins;

  beforeEach(() => {
    jest.useFakeTimers();
    events = [];
    throttled = new ThrottledLogins({
      recordAlone: async (event: AuditEvent) => void events.push(event),
    } as unknown as Audit);
  });
  afterEach(() => jest.useRealTimers());

  it('records the first refusal of a key, and no other one within a minute', async () => {
    for (let tries = 0; tries < 1000; tries += 1) await throttled.record('login:user:7', 7, caller);
    await throttled.record('login:client:203.0.113.7', null, caller);
    expect(events).toEqual([
      expect.objectContaining({ action: 'login.throttled', subjectId: 7, caller, data: { limit: 'account' } }),
      expect.objectContaining({ action: 'login.throttled', subjectId: null, caller, data: { limit: 'client' } }),
    ]);
  });

  it('records it again in the next minute', async () => {
    await throttled.record('login:user:7', 7, caller);
    jest.advanceTimersByTime(59_999);
    await throttled.record('login:user:7', 7, caller);
    expect(events).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await throttled.record('login:user:7', 7, caller);
    expect(events).toHaveLength(2);
  });

  it('records at most a hundred a minute, however many keys are attacked', async () => {
    for (let id = 0; id < 1000; id += 1) await throttled.record(`login:user:${id}`, id, caller);
    expect(events).toHaveLength(100);
  });
});
