import { Logger } from '@nestjs/common';
import { queueWith, settle } from '../../../../test/support/hash-queues.js';
import { sharedDemands } from '../../../../test/support/shared-demands.js';

describe('HashQueue order', () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('keeps slots at the end of the queue free from heavy clients', async () => {
    const { ask, figure } = queueWith();
    for (let count = 0; count < 20; count++) ask('heavy');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(3);
    for (const client of ['light', 'another']) ask(client);
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(5);
    expect(await figure('auth_hash_shed_total', { reason: 'displaced' })).toBe(0);
  });

  it('serves a light client before a heavy one, and gives it the slot of the heavy one when the queue is full', async () => {
    const { ask, started, figure } = queueWith();
    const heavy = Array.from({ length: 20 }, (_, number) => ask('heavy', `heavy ${number}`));
    const light = ['light', 'another', 'third'].map((client) => ask(client));
    expect(await heavy[3]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'displaced' })).toBe(1);
    await heavy[0]?.end();
    await light[0]?.end();
    expect(started).toEqual(['heavy 0', 'light', 'another']);
    expect(await light[0]?.outcome).toBe('hashed');
  });

  it('counts refusals, so that a client that keeps retrying is behind one that waits', async () => {
    const { ask, expected, figure } = queueWith();
    const [first] = Array.from({ length: 6 }, (_, number) => ask(`client ${number}`));
    for (let count = 0; count < 5; count++) expect(await expected('insistent')).toBe('503 after 1');
    expect(await expected('patient')).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(900);
    await first?.end();
    expect(await ask('insistent').outcome).toBe('503 after 1');
    const patient = ask('patient');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(5);
    await patient.gone();
    expect(await patient.outcome).toBe('499');
  });

  it.each([
    [
      'gives the slot to a new client when a refused client retries before its Retry-After',
      900,
      '503 after 1',
      'pending',
    ],
    ['admits a refused client that waited as long as Retry-After requested', 1000, 'pending', '503 after 1'],
  ])('%s', async (_what, afterMs, returned, newcomer) => {
    const { ask, expected } = queueWith();
    const [first] = Array.from({ length: 6 }, (_, number) => ask(`client ${number}`));
    expect(await expected('returning')).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(afterMs);
    await first?.end();
    const requests = [ask('returning'), ask('newcomer')];
    await settle();
    const outcomes = requests.map(async ({ outcome }) => Promise.race([outcome, Promise.resolve('pending')]));
    expect(await Promise.all(outcomes)).toEqual([returned, newcomer]);
  });

  it('serves a new client before one that keeps retrying at another process', async () => {
    const [here, there] = sharedDemands(2).map((demand) => queueWith({}, demand));
    if (!here || !there) throw new Error('no queues');
    for (const { ask } of [here, there]) for (let number = 0; number < 6; number++) ask(`client ${number}`);
    for (let count = 0; count < 5; count++) expect(await here.expected('insistent')).toBe('503 after 1');
    expect(await there.expected('another')).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(250);
    const [insistent, newcomer] = [there.ask('insistent'), there.ask('newcomer')];
    expect(await insistent.outcome).toBe('503 after 1');
    await newcomer.gone();
    expect(await newcomer.outcome).toBe('499');
  });
});
