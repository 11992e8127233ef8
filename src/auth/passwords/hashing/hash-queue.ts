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

/** Duration of a hash of cost 12 on a common core, until measurements replace it. Each step of the cost doubles it. */
const ASSUMED_MS_AT_COST_12 = 300;
/** Weight of the newest hash in the moving average of the durations. */
const NEWEST_WEIGHT = 0.2;
const WARN_INTERVAL_MS = 60_000;
/** Requests are admitted up to this share of HASH_WAIT_MS, because hashes take longer than estimated under load. */
const ADMITTED_SHARE = 0.8;
/** Clients of a higher rank are heavy: they requested three hashes or more within about a minute. */
const MAX_LIGHT_RANK = 1;
/** The share for heavy clients. It keeps slots at the end of the queue free for the others. */
const ADMITTED_SHARE_OF_HEAVY_CLIENTS = 0.5;

/** A running hash. */
interface Turn {
  readonly since: number;
}

/**
 * Bounds the CPU time and the waiting time of password hashing. It runs one hash per thread and queues no more than it
 * can serve within HASH_WAIT_MS. Further requests are refused at once with 503 and Retry-After. Clients with high recent
 * demand cannot use the last slots, and lose their slot to a client with little demand when the queue is full.
 */
@Injectable()
export class HashQueue {
  private readonly logger = new Logger(HashQueue.name);
  private readonly threads: number;
  private readonly maxWaitMs: number;
  private readonly queue = new PriorityQueue<Turn>();
  /** In starting order. */
  private readonly running = new Set<Turn>();
  /** The ranks of callers that hold a reservation and have not requested their hash yet. */
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
   * Reserves a slot for the hash that `work` requests, or refuses before the request has cost anything. Without
   * reservations, a burst of requests would look up their accounts for a single free slot.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; errors of `work`
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
   * Runs `hash` when a thread is free.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; 499 if the client disconnects while it waits; errors of `hash`
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
    const requestedAt = performance.now();
    const outcome = this.running.size < this.threads ? this.startTurn() : await this.enqueue(rank, signal);
    if (outcome === 'abandoned') throw this.abandon();
    if (outcome === 'displaced' || outcome === 'waited') throw this.shed(outcome);
    this.metrics.wait.observe((performance.now() - requestedAt) / 1000);
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

  /** Whether a request of this rank would start in time. */
  private hasCapacity(rank: number, reservedBefore = 0): boolean {
    const share = rank > MAX_LIGHT_RANK ? ADMITTED_SHARE_OF_HEAVY_CLIENTS : ADMITTED_SHARE;
    return this.estimateWaitMs(this.queue.countBefore(rank) + reservedBefore) <= share * this.maxWaitMs;
  }

  /** The number of reservations that a request of this rank does not overtake. */
  private countReservedBefore(rank: number): number {
    let count = 0;
    for (const other of this.reserved.values()) if (other <= rank) count += 1;
    return count;
  }

  /** The wait of a request behind `ahead` others: the rest of the oldest running hash, then one turn for each of them. */
  private estimateWaitMs(ahead: number): number {
    const turns = ahead - (this.threads - this.running.size);
    if (turns < 0) return 0;
    const [oldest] = this.running;
    const since = oldest?.since ?? performance.now();
    const untilNextTurn = Math.max(0, since + this.averageMs - performance.now());
    return untilNextTurn + (turns * this.averageMs) / this.threads;
  }

  /** The time in which half of the queue is served, rounded up because Retry-After has whole seconds. */
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
