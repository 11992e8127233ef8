import { Logger } from '@nestjs/common';
import { sharedDemands } from '../../../../test/support/shared-demands.js';
import type { DemandTable } from './demand-table.js';
import { SharedDemand } from './shared-demand.js';

describe('SharedDemand', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => {
    warn.mockClear();
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  function pair(): [SharedDemand, SharedDemand] {
    return sharedDemands(2) as [SharedDemand, SharedDemand];
  }

  function telling(exchange: jest.Mock): SharedDemand {
    return new SharedDemand({ exchange } as unknown as DemandTable);
  }

  it('learns from the other process while both refuse somebody', async () => {
    const [here, there] = pair();
    for (let count = 0; count < 8; count++) here.recordRequest('greedy');
    here.recordRefusal('greedy', 1000);
    there.recordRefusal('another', 1000);
    expect(there.get('greedy')).toBe(0);
    await jest.advanceTimersByTimeAsync(250);
    expect(there.get('greedy')).toBeCloseTo(9.4, 1);
    expect(there.get('nobody')).toBe(0);
  });

  it('tells of all who asked, and counts as less what was told a while ago', async () => {
    const demands = [{ client: 'greedy', asked: 8, age: 0, patience: 0 }];
    const exchange = jest.fn(async () => [{ demands, age: 60_000 }]);
    const demand = telling(exchange);
    demand.recordRequest('a');
    demand.recordRefusal('b', 1000);
    await jest.advanceTimersByTimeAsync(250);
    const told = ['a', 'b'].map((client) => expect.objectContaining({ client }) as object);
    expect(exchange).toHaveBeenCalledWith(told);
    expect(demand.get('greedy')).toBeCloseTo(4, 1);
  });

  it('tells nothing as long as nobody is refused', async () => {
    const exchange = jest.fn(async () => []);
    telling(exchange).recordRequest('client');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(exchange).not.toHaveBeenCalled();
  });

  it('tells once in a while, however many are refused, and never twice at once', async () => {
    let answer: (others: []) => void = () => undefined;
    const exchange = jest.fn(async () => new Promise<[]>((resolve) => (answer = resolve)));
    const demand = telling(exchange);
    const refuseFor = async (milliseconds: number) => {
      for (let passed = 0; passed < milliseconds; passed += 10) {
        demand.recordRefusal('client', 1000);
        await jest.advanceTimersByTimeAsync(10);
      }
    };
    await refuseFor(2000);
    expect(exchange).toHaveBeenCalledTimes(1);
    answer([]);
    await jest.advanceTimersByTimeAsync(0);
    await refuseFor(260);
    expect(exchange).toHaveBeenCalledTimes(2);
    answer([]);
  });

  it('goes on alone while the others cannot be asked, and says so once', async () => {
    const exchange = jest.fn().mockRejectedValueOnce(new Error('no database'));
    exchange.mockRejectedValueOnce(new Error('no database')).mockResolvedValueOnce([]);
    exchange.mockRejectedValueOnce(new Error('again'));
    const demand = telling(exchange);
    for (let count = 0; count < 4; count++) {
      demand.recordRefusal('client', 1000);
      await jest.advanceTimersByTimeAsync(1000);
    }
    expect(demand.get('client')).toBeCloseTo(1.6, 1);
    const said = warn.mock.calls.map(([message]) => message as string);
    expect(said).toEqual(['no database', 'again'].map((why) => expect.stringContaining(why) as string));
  });

  it('ends with the service: nothing is begun, and what has begun is done', async () => {
    const exchange = jest.fn(async () => []);
    const idle = telling(exchange);
    idle.recordRefusal('client', 1000);
    await idle.onModuleDestroy();
    await jest.advanceTimersByTimeAsync(1000);
    expect(exchange).not.toHaveBeenCalled();

    let done = false;
    const busy = telling(
      jest.fn(async () => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        done = true;
        return [];
      }),
    );
    busy.recordRefusal('client', 1000);
    await jest.advanceTimersByTimeAsync(300);
    const ending = busy.onModuleDestroy().then(() => done);
    await jest.advanceTimersByTimeAsync(500);
    expect(await ending).toBe(true);
  });
});
