import { Logger } from '@nestjs/common';
import { queueWith, settle } from '../../../../test/support/hash-queues.js';
import { sharedDemands } from '../../../../test/support/shared-demands.js';

describe('the order of HashQueue', () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('leaves the end of the queue to others than who asks for a lot', async () => {
    const { ask, figure } = queueWith();
    for (let count = 0; count < 20; count++) ask('greedy');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(3);
    for (const client of ['modest', 'another']) ask(client);
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(5);
    expect(await figure('auth_hash_shed_total', { reason: 'displaced' })).toBe(0);
  });

  it('lets a modest client before one who asks for a lot, and into a full queue in its place', async () => {
    const { ask, started, figure } = queueWith();
    const greedy = Array.from({ length: 20 }, (_, number) => ask('greedy', `greedy ${number}`));
    const modest = ['modest', 'another', 'third'].map((client) => ask(client));
    expect(await greedy[3]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'displaced' })).toBe(1);
    await greedy[0]?.end();
    await modest[0]?.end();
    expect(started).toEqual(['greedy 0', 'modest', 'another']);
    expect(await modest[0]?.outcome).toBe('hashed');
  });

  it('counts a refusal: who does not stop asking stands behind who does', async () => {
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
    ['sooner than it was told, though the queue is shorter by then, has', 900, '503 after 1', 'pending'],
    ['as it was told has not', 1000, 'pending', '503 after 1'],
  ])('who comes back %s to make room for a newcomer', async (_what, afterMs, returned, newcomer) => {
    const { ask, expected } = queueWith();
    const [first] = Array.from({ length: 6 }, (_, number) => ask(`client ${number}`));
    expect(await expected('returning')).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(afterMs);
    await first?.end();
    const asked = [ask('returning'), ask('newcomer')];
    await settle();
    const outcomes = asked.map(async ({ outcome }) => Promise.race([outcome, Promise.resolve('pending')]));
    expect(await Promise.all(outcomes)).toEqual([returned, newcomer]);
  });

  it('knows who does not stop asking another process: a newcomer stands before it', async () => {
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
