import { Injectable, Logger } from '@nestjs/common';
import { HashingSettings } from './hashing.settings.js';
import { PlatformSettings } from '../../../platform/config/platform-settings.js';
import type { AppError } from '../../../platform/http/app-error.js';
import type { Caller } from '../../../platform/http/caller.js';
import { clientGone, overloaded } from './hash-gate.errors.js';
import type { Timed } from './hash-job.js';
import { HashMetrics, type ShedReason } from './hash-metrics.js';
import { hashThreadsOf } from './hash-threads.js';
import { SharedDemand } from './shared-demand.js';
import { rankOf, WaitingLine } from './waiting-line.js';

/** A hash of cost 12 on a common core; every step of the cost doubles it. What is measured soon takes its place. */
const ASSUMED_MS_AT_COST_12 = 300;
/** Weight of the newest hash in the moving average of their durations. */
const NEWEST = 0.2;
const NOTICE_EVERY_MS = 60_000;
/** How much of HASH_WAIT_MS is given away: hashes take longer than estimated once there are many. */
const ADMITTED = 0.8;
/** Those of a higher rank, who have asked for three hashes or more in the last minute or so … */
const MODEST_RANK = 1;
/** … leave the end of the queue to the others: nobody has to be sent out of it for them. */
const ADMITTED_TO_GREEDY = 0.5;

/** A hash that runs. */
interface Turn {
  readonly since: number;
}

/**
 * Bounds what hashing passwords may take (security.md, section C): as many hashes at once as there are threads, and a
 * queue no longer than what can be served within HASH_WAIT_MS. Whoever would wait longer is told so at once, with 503 and
 * Retry-After. A client who asked for a lot lately does not get the last places; when the queue is full all the same, its
 * place goes to one who asked for little.
 */
@Injectable()
export class HashGate {
  private readonly logger = new Logger(HashGate.name);
  private readonly threads: number;
  private readonly longestWaitMs: number;
  private readonly line = new WaitingLine<Turn>();
  /** In the order in which they began. */
  private readonly running = new Set<Turn>();
  /** The ranks of those who were told that there is room, and have not come for their hash yet. */
  private readonly expected = new Map<Caller, number>();
  private averageMs: number;
  private noticedAt = -Infinity;

  constructor(
    settings: HashingSettings,
    platform: PlatformSettings,
    private readonly metrics: HashMetrics,
    private readonly demands: SharedDemand,
  ) {
    this.threads = hashThreadsOf(settings, platform);
    this.longestWaitMs = settings.HASH_WAIT_MS;
    this.averageMs = ASSUMED_MS_AT_COST_12 * 2 ** (settings.BCRYPT_ROUNDS - 12);
    metrics.watch(() => ({ queued: this.line.length, running: this.running.size, threads: this.threads }));
  }

  /**
   * Keeps a place for the hash within `work`, or refuses before anything was spent on the request. Without it a whole wave
   * of requests would look up their accounts for the one place that has come free.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; what `work` throws
   */
  async expect<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    const rank = this.rankOf(caller);
    if (!this.hasRoom(rank, this.expectedBefore(rank))) {
      this.demands.refuse(caller.client, this.retrySeconds() * 1000);
      throw this.shed('full');
    }
    this.expected.set(caller, rank);
    try {
      return await work();
    } finally {
      this.expected.delete(caller);
    }
  }

  /**
   * Runs `hash` when its turn has come.
   *
   * @throws AppError 503 auth.overloaded with Retry-After; 499 when the client went away before its turn; what `hash` throws
   */
  async run<Result>(hash: () => Promise<Timed<Result>>, caller: Caller): Promise<Result> {
    const turn = await this.turnOf(caller);
    try {
      const { result, durationMs } = await hash();
      this.averageMs += NEWEST * (durationMs - this.averageMs);
      this.metrics.duration.observe(durationMs / 1000);
      return result;
    } finally {
      this.running.delete(turn);
      this.line.next(this.begin);
    }
  }

  private async turnOf(caller: Caller): Promise<Turn> {
    const { client, signal } = caller;
    this.expected.delete(caller);
    if (signal.aborted) throw this.abandon();
    const rank = this.rankOf(caller);
    this.demands.add(client);
    const asked = performance.now();
    const outcome = this.running.size < this.threads ? this.begin() : await this.queue(rank, signal);
    if (outcome === 'abandoned') throw this.abandon();
    if (outcome === 'displaced' || outcome === 'waited') throw this.shed(outcome);
    this.metrics.wait.observe((performance.now() - asked) / 1000);
    return outcome;
  }

  private async queue(rank: number, signal: AbortSignal): ReturnType<WaitingLine<Turn>['wait']> {
    if (!this.hasRoom(rank)) throw this.shed('full');
    const waiting = this.line.wait(rank, signal, this.longestWaitMs);
    if (this.waitMs(this.line.length - 1) > ADMITTED * this.longestWaitMs) this.line.dropLast();
    return waiting;
  }

  private readonly begin = (): Turn => {
    const turn = { since: performance.now() };
    this.running.add(turn);
    return turn;
  };

  private rankOf({ client }: Caller): number {
    return rankOf(this.demands.of(client));
  }

  /** Whether one of a rank would have its turn in time. */
  private hasRoom(rank: number, expected = 0): boolean {
    const admitted = rank > MODEST_RANK ? ADMITTED_TO_GREEDY : ADMITTED;
    return this.waitMs(this.line.before(rank) + expected) <= admitted * this.longestWaitMs;
  }

  /** How many are expected whom one of a rank would not pass. */
  private expectedBefore(rank: number): number {
    let count = 0;
    for (const other of this.expected.values()) if (other <= rank) count += 1;
    return count;
  }

  /** How long one with so many ahead would wait: until the oldest hash that runs ends, then a turn for each of them. */
  private waitMs(ahead: number): number {
    const turns = ahead - (this.threads - this.running.size);
    if (turns < 0) return 0;
    const [oldest] = this.running;
    const since = oldest?.since ?? performance.now();
    const untilNextTurn = Math.max(0, since + this.averageMs - performance.now());
    return untilNextTurn + (turns * this.averageMs) / this.threads;
  }

  /** When somebody who is refused may come back: half of the queue has been served by then. Retry-After knows whole seconds. */
  private retrySeconds(): number {
    return Math.max(1, Math.ceil(this.waitMs(this.line.length) / 2 / 1000));
  }

  private shed(reason: ShedReason): AppError {
    this.metrics.shed.inc({ reason });
    if (performance.now() - this.noticedAt > NOTICE_EVERY_MS) {
      this.noticedAt = performance.now();
      this.logger.warn('more passwords wait to be hashed than this process can serve: some requests are answered 503');
    }
    return overloaded(this.retrySeconds());
  }

  private abandon(): AppError {
    this.metrics.abandoned.inc();
    return clientGone();
  }
}
