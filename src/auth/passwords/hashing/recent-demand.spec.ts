import { RecentDemand } from './recent-demand.js';

describe('RecentDemand', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function asked(times: number, demand = new RecentDemand()): RecentDemand {
    for (let count = 0; count < times; count++) demand.recordRequest('client');
    return demand;
  }

  it('counts what each client asked for', () => {
    const demand = asked(3);
    expect(demand.get('client')).toBe(3);
    expect(demand.get('another')).toBe(0);
  });

  it('forgets by half every minute', () => {
    const demand = asked(8);
    jest.advanceTimersByTime(120_000);
    expect(demand.get('client')).toBe(2);
    demand.recordRequest('client');
    expect(demand.get('client')).toBe(3);
  });

  it('remembers so many clients and no more, those who asked last', () => {
    const demand = new RecentDemand(2);
    asked(5, demand);
    demand.recordRequest('b');
    asked(1, demand);
    demand.recordRequest('c');
    expect([demand.get('client'), demand.get('b'), demand.get('c')]).toEqual([6, 0, 1]);
  });

  it('forgets nobody for a client that it knows', () => {
    const demand = asked(5, new RecentDemand(2));
    for (let count = 0; count < 3; count++) demand.recordRequest('b');
    expect([demand.get('client'), demand.get('b')]).toEqual([5, 3]);
  });

  it('counts a refusal for who comes back sooner than it was told, once for each time', () => {
    const demand = asked(1);
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

  it('counts a refusal little for who is patient: one for nothing, two for something', () => {
    const demand = new RecentDemand();
    const counted = [1, 2, 3].map(() => {
      demand.recordRefusal('client', 1000);
      jest.advanceTimersByTime(1000);
      return Math.round(demand.get('client'));
    });
    expect(counted).toEqual([0, 1, 1]);
  });

  describe('told to another process', () => {
    const told = (demand: RecentDemand) => demand.latest(2000, 10);

    it('counts there as it does here, as much less and as much more patient as time has passed', () => {
      const here = asked(4);
      jest.advanceTimersByTime(1000);
      here.recordRefusal('client', 4000);
      jest.advanceTimersByTime(1000);
      const message = told(here);
      jest.advanceTimersByTime(2000);
      const there = new RecentDemand();
      there.merge(message, 2000);
      expect(there.get('client')).toBeCloseTo(here.get('client'), 2);
      jest.advanceTimersByTime(1000);
      expect(there.get('client')).toBeCloseTo(here.get('client'), 2);
    });

    it('is the greater of what both know, not the sum, however often it is told', () => {
      const [here, there] = [asked(4), asked(2)];
      for (let times = 0; times < 3; times++) there.merge(told(here), 0);
      expect(there.get('client')).toBe(4);
      here.merge(told(there), 0);
      expect(here.get('client')).toBe(4);
      there.merge(told(asked(1)), 0);
      expect(there.get('client')).toBe(4);
    });

    it('keeps the longer patience, whoever knows of more', () => {
      const [here, there] = [asked(4), asked(2)];
      there.recordRefusal('client', 5000);
      there.merge(told(here), 0);
      expect(there.get('client')).toBe(4 + 1);
      here.merge(told(there), 0);
      expect(here.get('client')).toBe(4 + 1);
    });

    it('keeps nobody from being forgotten who does not ask here', () => {
      const here = asked(1, new RecentDemand(2));
      here.recordRequest('another');
      here.merge(told(asked(9)), 0);
      here.recordRequest('third');
      expect([here.get('client'), here.get('another'), here.get('third')]).toEqual([0, 1, 1]);
    });

    it('makes nobody less greedy who is less so elsewhere', () => {
      const there = asked(1);
      there.recordRefusal('client', 5000);
      const here = asked(4);
      here.merge(told(there), 0);
      expect(here.get('client')).toBe(4 + 1);
    });

    it('holds who asked here lately, and nobody who asked elsewhere alone', () => {
      const here = new RecentDemand();
      here.recordRequest('long ago');
      jest.advanceTimersByTime(2001);
      here.recordRequest('before');
      here.recordRequest('lately');
      here.merge(told(asked(3)), 0);
      expect(told(here).map(({ client }) => client)).toEqual(['before', 'lately']);
      expect(here.latest(2000, 1).map(({ client }) => client)).toEqual(['lately']);
    });
  });
});
