import { RecentDemand } from './recent-demand.js';

describe('RecentDemand', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function asked(times: number, demand = new RecentDemand()): RecentDemand {
    for (let count = 0; count < times; count++) demand.add('client');
    return demand;
  }

  it('counts what each client asked for', () => {
    const demand = asked(3);
    expect(demand.of('client')).toBe(3);
    expect(demand.of('another')).toBe(0);
  });

  it('forgets by half every minute', () => {
    const demand = asked(8);
    jest.advanceTimersByTime(120_000);
    expect(demand.of('client')).toBe(2);
    demand.add('client');
    expect(demand.of('client')).toBe(3);
  });

  it('remembers so many clients and no more, those who asked last', () => {
    const demand = new RecentDemand(2);
    asked(5, demand);
    demand.add('b');
    asked(1, demand);
    demand.add('c');
    expect([demand.of('client'), demand.of('b'), demand.of('c')]).toEqual([6, 0, 1]);
  });

  it('counts a refusal for who comes back sooner than it was told, once for each time', () => {
    const demand = asked(1);
    demand.refuse('client', 1000);
    jest.advanceTimersByTime(500);
    expect(demand.of('client')).toBeCloseTo(2.4, 1);
    demand.refuse('client', 1000);
    demand.refuse('client', 1000);
    jest.advanceTimersByTime(999);
    expect(demand.of('client')).toBeCloseTo(5.1, 1);
    jest.advanceTimersByTime(1);
    expect(demand.of('client')).toBeCloseTo(4.1, 1);
  });

  it('counts a refusal little for who is patient: one for nothing, two for something', () => {
    const demand = new RecentDemand();
    const counted = [1, 2, 3].map(() => {
      demand.refuse('client', 1000);
      jest.advanceTimersByTime(1000);
      return Math.round(demand.of('client'));
    });
    expect(counted).toEqual([0, 1, 1]);
  });
});
