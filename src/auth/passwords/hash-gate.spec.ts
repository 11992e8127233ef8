import { Logger } from '@nestjs/common';
import type { Environment } from '../../platform/config/environment.js';
import { AppError } from '../../platform/http/app-error.js';
import { callerFrom } from '../../../test/support/callers.js';
import { ownDemand, sharedDemands } from '../../../test/support/shared-demands.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { HashGate } from './hash-gate.js';
import type { Timed } from './hash-job.js';
import { HashMetrics } from './hash-metrics.js';

/** What the gate assumes of a hash of cost 12. */
const HASH_MS = 300;

interface Asked {
  outcome: Promise<string>;
  /** Ends the hash, in the time that the gate assumes unless told otherwise. */
  end: (durationMs?: number) => Promise<void>;
  fail: (error: Error) => Promise<void>;
  gone: () => Promise<void>;
}

/** Promise.withResolvers, which Node 20 lacks. */
function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const settle = async () => jest.advanceTimersByTimeAsync(0);

/** A gate whose hashes end when the test says so. */
function gateWith(settings: Partial<Environment> = {}, demand = ownDemand()) {
  const environment = { HASH_THREADS: 1, HASH_WAIT_MS: 2000, BCRYPT_ROUNDS: 12, WORKERS: 1, ...settings };
  const metrics = new Metrics();
  const gate = new HashGate(environment as Environment, new HashMetrics(metrics), demand);
  const started: string[] = [];

  const ask = (client: string, name = client, connection = new AbortController()): Asked => {
    let finish: (done: Timed<string>) => void = () => undefined;
    let refuse: (error: Error) => void = () => undefined;
    const hash = async () => {
      started.push(name);
      return new Promise<Timed<string>>((resolve, reject) => ([finish, refuse] = [resolve, reject]));
    };
    const outcome = gate.run(hash, callerFrom(client, connection.signal)).then(() => 'hashed', wordOf);
    const later = async (act: () => void) => {
      await settle();
      act();
      await settle();
    };
    return {
      outcome,
      end: async (durationMs = HASH_MS) => later(() => finish({ result: name, durationMs })),
      fail: async (error) => later(() => refuse(error)),
      gone: async () => later(() => connection.abort()),
    };
  };
  const figure = async (name: string, labels: object = {}) => {
    const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
    return values.find((each) => JSON.stringify(each.labels) === JSON.stringify(labels))?.value;
  };
  const expected = async (client: string, work: () => Promise<unknown> = async () => undefined) =>
    gate.expect(callerFrom(client), work).then(() => 'admitted', wordOf);
  return { gate, ask, started, figure, expected };
}

/** `503 after 2`, or any other error as text. */
function wordOf(error: unknown): string {
  if (!(error instanceof AppError)) return String(error);
  const seconds = error.headers['retry-after'];
  return seconds === undefined ? String(error.status) : `${error.status} after ${seconds}`;
}

describe('HashGate', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => {
    warn.mockClear();
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  it('runs as many hashes at a time as there are threads, the others in order of arrival', async () => {
    const { ask, started, figure } = gateWith({ HASH_THREADS: 3 });
    const asked = ['a', 'b', 'c', 'd', 'e'].map((client) => ask(client));
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    expect([await figure('auth_hash_running'), await figure('auth_hash_queue_length')]).toEqual([3, 2]);
    await asked[1]?.end();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    await asked[0]?.end();
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const each of asked) await each.end();
    expect(await Promise.all(asked.map(async ({ outcome }) => outcome))).toEqual(Array(5).fill('hashed'));
    expect([await figure('auth_hash_running'), await figure('auth_hash_queue_length')]).toEqual([0, 0]);
  });

  it('never runs more at a time than there are threads, whoever comes while a turn passes on', async () => {
    const { ask, started } = gateWith();
    const first = ask('a');
    ask('b');
    await settle();
    void first.end();
    for (let tick = 0; tick < 10; tick++) await Promise.resolve().then(() => ask('c'));
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('passes the turn of a failed hash on, and takes it back when nobody waits', async () => {
    const { ask, started } = gateWith();
    const failing = ask('a');
    const next = ask('b');
    await failing.fail(new Error('no memory'));
    expect(await failing.outcome).toBe('Error: no memory');
    expect(started).toEqual(['a', 'b']);
    await next.end();
    ask('c');
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('refuses at once who would wait too long, and says how long the queue is', async () => {
    const { ask, started, figure } = gateWith();
    // One hashes for 0.3 s and the last of five would wait for 0.3 s + 4 * 0.3 s; a sixth for more than 80 % of 2 s.
    const asked = Array.from({ length: 7 }, (_, number) => ask(`client ${number}`));
    expect(await asked[6]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'full' })).toBe(1);
    expect(await figure('auth_hash_queue_length')).toBe(5);
    expect(started).toHaveLength(1);
  });

  it('has as much longer a queue as there are more threads', async () => {
    const { ask, figure } = gateWith({ HASH_THREADS: 4 });
    // Four hash for 0.3 s and the last of 18 would wait for 0.3 s + 17 / 4 * 0.3 s.
    const asked = Array.from({ length: 4 + 19 }, (_, number) => ask(`client ${number}`));
    expect(await asked.at(-1)?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_queue_length')).toBe(18);
  });

  it('has no queue where a single hash takes too long', async () => {
    const { ask } = gateWith({ HASH_WAIT_MS: HASH_MS });
    ask('a');
    expect(await ask('b').outcome).toBe('503 after 1');
  });

  it('learns from the hashes how long they take', async () => {
    const { ask, figure } = gateWith();
    for (let count = 0; count < 20; count++) await ask('a').end(900);
    const asked = Array.from({ length: 3 }, (_, number) => ask(`client ${number}`));
    expect(await asked[2]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_queue_length')).toBe(1);
  });

  it('counts what the running hash has done already', async () => {
    const { ask, figure } = gateWith({ HASH_WAIT_MS: 400 });
    for (const client of ['a', 'b']) ask(client);
    expect(await ask('c').outcome).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(290);
    ask('d');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(2);
  });

  it('assumes a cost from BCRYPT_ROUNDS before the first hash', async () => {
    const { ask } = gateWith({ BCRYPT_ROUNDS: 14 });
    const asked = ['a', 'b', 'c'].map((client) => ask(client));
    expect(await asked[2]?.outcome).toBe('503 after 2');
  });

  it('sends away who has really waited that long, whatever was estimated', async () => {
    const { ask, started, figure } = gateWith();
    const [stuck, waiting] = [ask('a'), ask('b')];
    await jest.advanceTimersByTimeAsync(1999);
    expect(await figure('auth_hash_queue_length')).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await waiting.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'waited' })).toBe(1);
    await stuck.end();
    expect(started).toEqual(['a']);
  });

  it('does not count the wait of who has its turn already', async () => {
    const { ask, started } = gateWith();
    const [first, second] = [ask('a'), ask('b')];
    await jest.advanceTimersByTimeAsync(1500);
    await first.end();
    const third = ask('c');
    await jest.advanceTimersByTimeAsync(1000);
    await second.end();
    expect(started).toEqual(['a', 'b', 'c']);
    await third.end();
    expect(await third.outcome).toBe('hashed');
  });

  it('gives the place of a client that has gone to the next one (B23)', async () => {
    const { ask, started, figure } = gateWith();
    const [running, gone, waiting] = [ask('a'), ask('b'), ask('c')];
    await gone.gone();
    expect(await gone.outcome).toBe('499');
    expect(await figure('auth_hash_queue_length')).toBe(1);
    await running.end();
    expect(started).toEqual(['a', 'c']);
    expect(await figure('auth_hash_abandoned_total')).toBe(1);
    // Nothing stops a hash that runs: its result stands, and who waits behind it goes on waiting.
    const last = ask('d');
    await waiting.gone();
    await waiting.end();
    expect(await waiting.outcome).toBe('hashed');
    expect(started).toEqual(['a', 'c', 'd']);
    await last.end();
  });

  it('hashes nothing for clients that are gone, before or after they asked', async () => {
    const { ask, started, figure } = gateWith();
    ask('a');
    const asked = Array.from({ length: 200 }, () => ask('b'));
    await Promise.all(asked.map(async ({ gone }) => gone()));
    const closed = new AbortController();
    closed.abort();
    expect(await ask('c', 'c', closed).outcome).toBe('499');
    expect(started).toEqual(['a']);
    expect(await figure('auth_hash_queue_length')).toBe(0);
    expect(await figure('auth_hash_abandoned_total')).toBe(3 + 1);
  });

  it('leaves the end of the queue to others than who asks for a lot', async () => {
    const { ask, figure } = gateWith();
    for (let count = 0; count < 20; count++) ask('greedy');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(3);
    for (const client of ['modest', 'another']) ask(client);
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(5);
    expect(await figure('auth_hash_shed_total', { reason: 'displaced' })).toBe(0);
  });

  it('lets a modest client before one who asks for a lot, and into a full queue in its place', async () => {
    const { ask, started, figure } = gateWith();
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
    const { ask, expected, figure } = gateWith();
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
    const { ask, expected } = gateWith();
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
    const [here, there] = sharedDemands(2).map((demand) => gateWith({}, demand));
    if (!here || !there) throw new Error('no gates');
    for (const { ask } of [here, there]) for (let number = 0; number < 6; number++) ask(`client ${number}`);
    for (let count = 0; count < 5; count++) expect(await here.expected('insistent')).toBe('503 after 1');
    expect(await there.expected('another')).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(250);
    const [insistent, newcomer] = [there.ask('insistent'), there.ask('newcomer')];
    expect(await insistent.outcome).toBe('503 after 1');
    await newcomer.gone();
    expect(await newcomer.outcome).toBe('499');
  });

  it('tells the operator, once a minute at most', async () => {
    const { expected, ask } = gateWith();
    for (let count = 0; count < 7; count++) ask('a');
    for (let count = 0; count < 9; count++) expect(await expected('a')).toBe('503 after 1');
    expect(warn).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(60_001);
    for (let count = 0; count < 9; count++) ask('a');
    await settle();
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('tells beforehand who would be refused, and nobody else', async () => {
    const { ask, expected, figure } = gateWith();
    const work = jest.fn(async () => undefined);
    expect(await expected('a', work)).toBe('admitted');
    for (let count = 0; count < 7; count++) ask('a');
    await settle();
    const before = (await figure('auth_hash_shed_total', { reason: 'full' })) ?? 0;
    expect(await expected('a', work)).toBe('503 after 1');
    expect(await expected('b', work)).toBe('admitted');
    expect(work).toHaveBeenCalledTimes(2);
    expect(await figure('auth_hash_shed_total', { reason: 'full' })).toBe(before + 1);
  });

  it('keeps a place for who was told that there is one, until its hash or the end of its work', async () => {
    const { gate, ask, expected, started } = gateWith();
    ask('a');
    const work = Array.from({ length: 5 }, () => deferred());
    const clients = work.map((_, number) => callerFrom(`client ${number}`));
    const admitted = clients.map(async (client, number) => gate.expect(client, async () => work[number]?.promise));
    expect(await expected('late')).toBe('503 after 1');
    // One needs no hash in the end.
    work[0]?.resolve();
    await admitted[0];
    expect(await expected('later')).toBe('admitted');
    // Another one comes for its hash: the place is that of the queue now, not a second one.
    const [, second] = clients;
    if (second) void gate.run(async () => new Promise<never>(() => undefined), second);
    await settle();
    expect(await expected('again')).toBe('admitted');
    expect(started).toEqual(['a']);
    for (const each of work) each.resolve();
    await Promise.all(admitted);
  });

  it('passes on what the work throws', async () => {
    const { gate } = gateWith();
    const failing = gate.expect(callerFrom('a'), async () => Promise.reject(new Error('no database')));
    await expect(failing).rejects.toThrow('no database');
  });
});
