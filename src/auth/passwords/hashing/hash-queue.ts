import { Injectable, Logger } from '@nestjs/common';
import { PlatformSettings } from '../../../platform/config/platform-settings.js';
import type { AppError } from '../../../platform/http/app-error.js';
import type { Caller } from '../../../platform/http/caller.js';
import { HashMetrics, type ShedReason } from './hash-metrics.js';
import { clientGone, overloadedFor } from './hash-queue.errors.js';
import type { Timed } from './hash-task.js';
import { hashThreadCount } from './hash-thread-pool.js';
import { HashingSettings } from './hashing.settings.js';
import { PriorityQueue, rankOf } from './priority-queue.js';
import { SharedDemand } from './shared-demand.js';

/** A hash of cost 12 on a common core; every step of the cost doubles it. What is measured soon takes its place. */
const ASSUMED_MS_AT_COST_12 = 300;
/** Weight of the newest hash in the moving average of their durations. */
const NEWEST_WEIGHT = 0.2;
const WARN_INTERVAL_MS = 60_000;
/** How much of HASH_WAIT_MS is given away: hashes take longer than estimated once there are many. */
const ADMITTED_SHARE = 0.8;
/** Those of a higher rank, who have asked for three hashes or more in the last minute or so … */
const MAX_MODEST_RANK = 1;
/** … leave the end of the queue to the others: nobody has to be sent out of it for them. */
const ADMITTED_SHARE_OF_HEAVY_CLIENTS = 0.5;

/** A hash that runs. */
interface Turn {
  readonly since: number;
}

/**
 * Limits the hashing of passwords (docs/threats/sign-in.md): as many hashes at once as there are threads, and a queue no
 * longer than what can be hashed within HASH_WAIT_MS. A request beyond it gets a 503 with Retry-After at once. Clients with
 * high recent demand do not get the last places, and in a full queue they make room for clients with low demand.
 */
@Injectable()
export class HashQueue {
  private readonly logger = new Logger(HashQueue.name);
  private readonly threads: number;
  private readonly maxWaitMs: number;
  private readonly queue = new PriorityQueue<Turn>();
  /** In the order in which they began. */
  private readonly running = new Set<Turn>();
  /** The ranks of those who were told that there is room, and have not come for their hash yet. */
  private readonly reserved = new Map<Caller, number>();
  private averageMs: number;
  private warnedAt = -Infinity;

  constructor(
    settings: HashingSettings,
    platform: PlatformSettings,
    private readonly metrics: HashMetrics,
    private readonly demands: SharedDemand,
  ) {
    this.threads = hashThreadCount(settings, platform);
    this.maxWaitMs = settings.HASH_WAIT_MS;
    this.averageMs = ASSUMED_MS_AT_COST_12 * 2 ** (settings.BCRYPT_ROUNDS - 12);
    metrics.watch(() => ({ queued: this.queue.length, running: this.running.size, threads: this.threads }));
  }

  /**
   * Keeps a place for the hash within `work`, or refuses before anything was spent on the request. Without it a whole wave
   * of requests would look up their accounts for the one place that has come free.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; what `work` throws
   */
  async reserve<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    const rank = this.rankOf(caller);
    if (!this.hasCapacity(rank, this.countReservedBefore(rank))) {
      this.demands.recordRefusal(caller.client, this.retryAfterSeconds() * 1000);
      throw this.shed('full');
    }
    this.reserved.set(caller, rank);
    try {
      return await work();
    } finally {
      this.reserved.delete(caller);
    }
  }

  /**
   * Runs `hash` when its turn has come.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; 499 when the client went away before its turn; what `hash` throws
   */
  async run<Result>(hash: () => Promise<Timed<Result>>, caller: Caller): Promise<Result> {
    const turn = await this.waitForTurn(caller);
    try {
      const { result, durationMs } = await hash();
      this.averageMs += NEWEST_WEIGHT * (durationMs - this.averageMs);
      this.metrics.duration.observe(durationMs / 1000);
      return result;
    } finally {
      this.running.delete(turn);
      this.queue.dequeue(this.startTurn);
    }
  }

  private async waitForTurn(caller: Caller): Promise<Turn> {
    const { client, signal } = caller;
    this.reserved.delete(caller);
    if (signal.aborted) throw this.abandon();
    const rank = this.rankOf(caller);
    this.demands.recordRequest(client);
    const asked = performance.now();
    const outcome = this.running.size < this.threads ? this.startTurn() : await this.enqueue(rank, signal);
    if (outcome === 'abandoned') throw this.abandon();
    if (outcome === 'displaced' || outcome === 'waited') throw this.shed(outcome);
    this.metrics.wait.observe((performance.now() - asked) / 1000);
    return outcome;
  }

  private async enqueue(rank: number, signal: AbortSignal): ReturnType<PriorityQueue<Turn>['enqueue']> {
    if (!this.hasCapacity(rank)) throw this.shed('full');
    const waiting = this.queue.enqueue(rank, signal, this.maxWaitMs);
    if (this.estimateWaitMs(this.queue.length - 1) > ADMITTED_SHARE * this.maxWaitMs) this.queue.evictLast();
    return waiting;
  }

  private readonly startTurn = (): Turn => {
    const turn = { since: performance.now() };
    this.running.add(turn);
    return turn;
  };

  private rankOf({ client }: Caller): number {
    return rankOf(this.demands.get(client));
  }

  /** Whether one of a rank would have its turn in time. */
  private hasCapacity(rank: number, expected = 0): boolean {
    const admitted = rank > MAX_MODEST_RANK ? ADMITTED_SHARE_OF_HEAVY_CLIENTS : ADMITTED_SHARE;
    return this.estimateWaitMs(this.queue.countBefore(rank) + expected) <= admitted * this.maxWaitMs;
  }

  /** How many are expected whom one of a rank would not pass. */
  private countReservedBefore(rank: number): number {
    let count = 0;
    for (const other of this.reserved.values()) if (other <= rank) count += 1;
    return count;
  }

  /** How long one with so many ahead would wait: until the oldest hash that runs ends, then a turn for each of them. */
  private estimateWaitMs(ahead: number): number {
    const turns = ahead - (this.threads - this.running.size);
    if (turns < 0) return 0;
    const [oldest] = this.running;
    const since = oldest?.since ?? performance.now();
    const untilNextTurn = Math.max(0, since + this.averageMs - performance.now());
    return untilNextTurn + (turns * this.averageMs) / this.threads;
  }

  /** When somebody who is refused may come back: half of the queue has been served by then. Retry-After knows whole seconds. */
  private retryAfterSeconds(): number {
    return Math.max(1, Math.ceil(this.estimateWaitMs(this.queue.length) / 2 / 1000));
  }

  private shed(reason: ShedReason): AppError {
    this.metrics.shed.inc({ reason });
    if (performance.now() - this.warnedAt > WARN_INTERVAL_MS) {
      this.warnedAt = performance.now();
      this.logger.warn('more passwords wait to be hashed than this process can serve: some requests are answered 503');
    }
    return overloadedFor(this.retryAfterSeconds());
  }

  private abandon(): AppError {
    this.metrics.abandoned.inc();
    return clientGone();
  }
}
