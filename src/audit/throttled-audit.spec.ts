import { callerFrom } from '../../test/support/callers.js';
import type { AuditWriter, NewAuditEvent } from './audit-writer.js';
import { ThrottledAudit } from './throttled-audit.js';

describe('ThrottledAudit', () => {
  let events: NewAuditEvent[];
  let throttled: ThrottledAudit;

  const event = (action: NewAuditEvent['action'], subjectId = 7): NewAuditEvent => ({
    action,
    outcome: 'failure',
    actorId: null,
    subjectId,
    caller: callerFrom('203.0.113.7'),
  });

  beforeEach(() => {
    jest.useFakeTimers();
    events = [];
    throttled = new ThrottledAudit({
      recordStandalone: async (recorded: NewAuditEvent) => void events.push(recorded),
    } as unknown as AuditWriter);
  });
  afterEach(() => jest.useRealTimers());

  it('records the first event of a key, and no other within a minute', async () => {
    for (let attempt = 0; attempt < 1000; attempt += 1) await throttled.record('user 7', event('login.throttled'));
    await throttled.record('client', event('login.throttled'));
    expect(events).toHaveLength(2);
  });

  it('records another event of the key in the next minute', async () => {
    await throttled.record('user 7', event('login.throttled'));
    jest.advanceTimersByTime(59_999);
    await throttled.record('user 7', event('login.throttled'));
    expect(events).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await throttled.record('user 7', event('login.throttled'));
    expect(events).toHaveLength(2);
  });

  it('records at most 100 events of an action per minute over all keys, and still those of another action', async () => {
    for (let id = 0; id < 1000; id += 1) await throttled.record(`user ${id}`, event('login.throttled', id));
    await throttled.record('user 7', event('session.refresh_refused'));
    expect(events).toHaveLength(101);
  });
});
