import { callerFrom } from '../../test/support/callers.js';
import type { AuditWriter, NewAuditEvent } from './audit-writer.js';
import { ThrottledAudit } from './throttled-audit.js';

describe('ThrottledAudit', () => {
  let events: NewAuditEvent[];
  let repeated: ThrottledAudit;

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
    repeated = new ThrottledAudit({
      recordStandalone: async (recorded: NewAuditEvent) => void events.push(recorded),
    } as unknown as AuditWriter);
  });
  afterEach(() => jest.useRealTimers());

  it('records the first event of a key, and no other one within a minute', async () => {
    for (let tries = 0; tries < 1000; tries += 1) await repeated.record('user 7', event('login.throttled'));
    await repeated.record('client', event('login.throttled'));
    expect(events).toHaveLength(2);
  });

  it('records it again in the next minute', async () => {
    await repeated.record('user 7', event('login.throttled'));
    jest.advanceTimersByTime(59_999);
    await repeated.record('user 7', event('login.throttled'));
    expect(events).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await repeated.record('user 7', event('login.throttled'));
    expect(events).toHaveLength(2);
  });

  it('records at most a hundred of an action in a minute, however many keys there are, and those of another action', async () => {
    for (let id = 0; id < 1000; id += 1) await repeated.record(`user ${id}`, event('login.throttled', id));
    await repeated.record('user 7', event('session.refresh_refused'));
    expect(events).toHaveLength(101);
  });
});
