import { HashQueue } from '../../src/auth/passwords/hashing/hash-queue.js';
import type { Timed } from '../../src/auth/passwords/hashing/hash-task.js';
import { HashMetrics } from '../../src/auth/passwords/hashing/hash-metrics.js';
import type { Environment } from '../../src/settings/environment.js';
import { AppError } from '../../src/platform/http/app-error.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { callerFrom } from './callers.js';
import { ownDemand } from './shared-demands.js';

/** The duration that the queue assumes for a hash of cost 12. */
export const HASH_MS = 300;

interface QueuedHash {
  outcome: Promise<string>;
  /** Completes the hash, by default with the duration that the queue assumes. */
  end: (durationMs?: number) => Promise<void>;
  fail: (error: Error) => Promise<void>;
  gone: () => Promise<void>;
}

/** Like Promise.withResolvers, which Node.js 20 does not have. */
export function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

export const settle = async () => jest.advanceTimersByTimeAsync(0);

/** A queue whose hashes the test completes. */
export function queueWith(overrides: Partial<Environment> = {}, demand = ownDemand()) {
  const settings = { HASH_THREADS: 1, HASH_WAIT_MS: 2000, BCRYPT_ROUNDS: 12, WORKERS: 1, ...overrides } as Environment;
  const metrics = new Metrics();
  const queue = new HashQueue(settings, settings, new HashMetrics(metrics), demand);
  const started: string[] = [];

  const ask = (client: string, name = client, connection = new AbortController()): QueuedHash => {
    let finish: (done: Timed<string>) => void = () => undefined;
    let refuse: (error: Error) => void = () => undefined;
    const hash = async () => {
      started.push(name);
      return new Promise<Timed<string>>((resolve, reject) => ([finish, refuse] = [resolve, reject]));
    };
    const outcome = queue.run(hash, callerFrom(client, connection.signal)).then(() => 'hashed', wordOf);
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
    queue.reserve(callerFrom(client), work).then(() => 'admitted', wordOf);
  return { queue, ask, started, figure, expected };
}

/** An error as text, such as `503 after 2`. */
function wordOf(error: unknown): string {
  if (!(error instanceof AppError)) return String(error);
  const seconds = error.headers['retry-after'];
  return seconds === undefined ? String(error.status) : `${error.status} after ${seconds}`;
}
