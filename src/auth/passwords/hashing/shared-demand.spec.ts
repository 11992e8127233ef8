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

  function reporting(exchange: jest.Mock): SharedDemand {
    return new SharedDemand({ exchange } as unknown as DemandTable);
  }

  it('learns from the other process while both refuse requests', async () => {
    const [here, there] = pair();
    for (let count = 0; count < 8; count++) here.recordRequest('heavy');
    here.recordRefusal('heavy', 1000);
    there.recordRefusal('another', 1000);
    expect(there.get('heavy')).toBe(0);
    await jest.advanceTimersByTimeAsync(250);
    expect(there.get('heavy')).toBeCloseTo(9.4, 1);
    expect(there.get('nobody')).toBe(0);
  });

  it('reports all clients, and reduces an older report by its age', async () => {
    const demands = [{ client: 'heavy', asked: 8, age: 0, patience: 0 }];
    const exchange = jest.fn(async () => [{ demands, age: 60_000 }]);
    const demand = reporting(exchange);
    demand.recordRequest('a');
    demand.recordRefusal('b', 1000);
    await jest.advanceTimersByTimeAsync(250);
    const reported = ['a', 'b'].map((client) => expect.objectContaining({ client }) as object);
    expect(exchange).toHaveBeenCalledWith(reported);
    expect(demand.get('heavy')).toBeCloseTo(4, 1);
  });

  it('exchanges nothing while no request is refused', async () => {
    const exchange = jest.fn(async () => []);
    reporting(exchange).recordRequest('client');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(exchange).not.toHaveBeenCalled();
  });

  it('limits the rate of exchanges, however many requests are refused, and runs one at a time', async () => {
    let answer: (others: []) => void = () => undefined;
    const exchange = jest.fn(async () => new Promise<[]>((resolve) => (answer = resolve)));
    const demand = reporting(exchange);
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

  it('uses its own demand while exchanges fail, and logs the failure once', async () => {
    const exchange = jest.fn().mockRejectedValueOnce(new Error('no database'));
    exchange.mockRejectedValueOnce(new Error('no database')).mockResolvedValueOnce([]);
    exchange.mockRejectedValueOnce(new Error('again'));
    const demand = reporting(exchange);
    for (let count = 0; count < 4; count++) {
      demand.recordRefusal('client', 1000);
      await jest.advanceTimersByTimeAsync(1000);
    }
    expect(demand.get('client')).toBeCloseTo(1.6, 1);
    const warnings = warn.mock.calls.map(([message]) => message as string);
    expect(warnings).toEqual(['no database', 'again'].map((why) => expect.stringContaining(why) as string));
  });

  it('starts no exchange after shutdown, and waits for a running one', async () => {
    const exchange = jest.fn(async () => []);
    const idle = reporting(exchange);
    idle.recordRefusal('client', 1000);
    await idle.onModuleDestroy();
    await jest.advanceTimersByTimeAsync(1000);
    expect(exchange).not.toHaveBeenCalled();

    let done = false;
    const busy = reporting(
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
