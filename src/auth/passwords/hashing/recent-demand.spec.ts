import { RecentDemand } from './recent-demand.js';

describe('RecentDemand', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function requested(times: number, demand = new RecentDemand()): RecentDemand {
    for (let count = 0; count < times; count++) demand.recordRequest('client');
    return demand;
  }

  it('counts the requests of each client', () => {
    const demand = requested(3);
    expect(demand.get('client')).toBe(3);
    expect(demand.get('another')).toBe(0);
  });

  it('halves the demand every minute', () => {
    const demand = requested(8);
    jest.advanceTimersByTime(120_000);
    expect(demand.get('client')).toBe(2);
    demand.recordRequest('client');
    expect(demand.get('client')).toBe(3);
  });

  it('evicts the least recently seen client when it is full', () => {
    const demand = new RecentDemand(2);
    requested(5, demand);
    demand.recordRequest('b');
    requested(1, demand);
    demand.recordRequest('c');
    expect([demand.get('client'), demand.get('b'), demand.get('c')]).toEqual([6, 0, 1]);
  });

  it('evicts nothing for a known client', () => {
    const demand = requested(5, new RecentDemand(2));
    for (let count = 0; count < 3; count++) demand.recordRequest('b');
    expect([demand.get('client'), demand.get('b')]).toEqual([5, 3]);
  });

  it('counts each refusal in full until Retry-After has passed', () => {
    const demand = requested(1);
    demand.recordRefusal('client', 1000);
    jest.advanceTimersByTime(500);
    expect(demand.get('client')).toBeCloseTo(2.4, 1);
    demand.recordRefusal('client', 1000);
    demand.recordRefusal('client', 1000);
    jest.advanceTimersByTime(999);
    expect(demand.get('client')).toBeCloseTo(5.1, 1);
    jest.advanceTimersByTime(1);
    expect(demand.get('client')).toBeCloseTo(4.1, 1);
    demand.recordRefusal('client', 1000);
    demand.recordRequest('client');
    expect(demand.get('client')).toBeCloseTo(6.5, 1);
  });

  it('counts a refusal little after Retry-After: one rounds to nothing, two to a request', () => {
    const demand = new RecentDemand();
    const counted = [1, 2, 3].map(() => {
      demand.recordRefusal('client', 1000);
      jest.advanceTimersByTime(1000);
      return Math.round(demand.get('client'));
    });
    expect(counted).toEqual([0, 1, 1]);
  });

  describe('reported to another process', () => {
    const report = (demand: RecentDemand) => demand.latest(2000, 10);

    it('has the same value there, including the time that passed in between', () => {
      const here = requested(4);
      jest.advanceTimersByTime(1000);
      here.recordRefusal('client', 4000);
      jest.advanceTimersByTime(1000);
      const message = report(here);
      jest.advanceTimersByTime(2000);
      const there = new RecentDemand();
      there.merge(message, 2000);
      expect(there.get('client')).toBeCloseTo(here.get('client'), 2);
      jest.advanceTimersByTime(1000);
      expect(there.get('client')).toBeCloseTo(here.get('client'), 2);
    });

    it('is the maximum of both values, not the sum, however often it is reported', () => {
      const [here, there] = [requested(4), requested(2)];
      for (let times = 0; times < 3; times++) there.merge(report(here), 0);
      expect(there.get('client')).toBe(4);
      here.merge(report(there), 0);
      expect(here.get('client')).toBe(4);
      there.merge(report(requested(1)), 0);
      expect(there.get('client')).toBe(4);
    });

    it('keeps the later end of Retry-After, whichever value is greater', () => {
      const [here, there] = [requested(4), requested(2)];
      there.recordRefusal('client', 5000);
      there.merge(report(here), 0);
      expect(there.get('client')).toBe(4 + 1);
      here.merge(report(there), 0);
      expect(here.get('client')).toBe(4 + 1);
    });

    it('does not protect a client from eviction that sends no requests here', () => {
      const here = requested(1, new RecentDemand(2));
      here.recordRequest('another');
      here.merge(report(requested(9)), 0);
      here.recordRequest('third');
      expect([here.get('client'), here.get('another'), here.get('third')]).toEqual([0, 1, 1]);
    });

    it('never lowers a value', () => {
      const there = requested(1);
      there.recordRefusal('client', 5000);
      const here = requested(4);
      here.merge(report(there), 0);
      expect(here.get('client')).toBe(4 + 1);
    });

    it('contains the recent clients of this process only', () => {
      const here = new RecentDemand();
      here.recordRequest('long ago');
      jest.advanceTimersByTime(2001);
      here.recordRequest('before');
      here.recordRequest('lately');
      here.merge(report(requested(3)), 0);
      expect(report(here).map(({ client }) => client)).toEqual(['before', 'lately']);
      expect(here.latest(2000, 1).map(({ client }) => client)).toEqual(['lately']);
    });
  });
});
