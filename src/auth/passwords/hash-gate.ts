import { Injectable, Logger } from '@nestjs/common';
import { Environment } from '../../platform/config/environment.js';
import type { AppError } from '../../platform/http/app-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { clientGone, overloaded } from './hash-gate.errors.js';
import type { Timed } from './hash-job.js';
import { HashMetrics, type ShedReason } from './hash-metrics.js';
import { hashThreadsOf } from './hash-threads.js';
import { RecentDemand } from './recent-demand.js';
import { WaitingLine } from './waiting-line.js';

/** A hash of cost 12 on a common core; every step of the cost doubles it. What is measured soon takes its place. */
const ASSUMED_MS_AT_COST_12 = 300;
/** Weight of the newest hash in the moving average of their durations. */
const NEWEST = 0.2;
const NOTICE_EVERY_MS = 60_000;

/** A hash that runs. */
interface Turn {
  readonly since: number;
}

/**
 * Bounds what hashing passwords may take (security.md, section C): as many hashes at once as there are threads, and a
 * queue no longer than what can be served within HASH_WAIT_MS. Whoever would wait longer is told so at once, with 503 and
 * Retry-After. In a full queue the place of a client who asked for a lot lately goes to one who asked for little.
 */
@Injectable()
export class HashGate {
  private readonly logger = new Logger(HashGate.name);
  private readonly threads: number;
  private readonly longestWaitMs: number;
  private readonly demands = new RecentDemand();
  private readonly line = new WaitingLine<Turn>();
  /** In the order in which they began. */
  private readonly running = new Set<Turn>();
  private averageMs: number;
  private noticedAt = -Infinity;

  constructor(
    environment: Environment,
    private readonly metrics: HashMetrics,
  ) {
    this.threads = hashThreadsOf(environment);
    this.longestWaitMs = environment.HASH_WAIT_MS;
    this.averageMs = ASSUMED_MS_AT_COST_12 * 2 ** (environment.BCRYPT_ROUNDS - 12);
    metrics.watch(() => ({ queued: this.line.length, running: this.running.size, threads: this.threads }));
  }

  /**
   * Refuses who would be refused by `run`, before anything was spent on the request.
   *
   * @throws AppError 503 auth.overloaded with Retry-After
   */
  expectRoom({ client }: Caller): void {
    if (this.hasRoom(this.demands.of(client))) return;
    this.demands.add(client);
    throw this.shed('full');
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

  private async turnOf({ client, signal }: Caller): Promise<Turn> {
    if (signal.aborted) throw this.abandon();
    const demand = this.demands.of(client);
    this.demands.add(client);
    const asked = performance.now();
    const outcome = this.running.size < this.threads ? this.begin() : await this.queue(demand, signal);
    if (outcome === 'abandoned') throw this.abandon();
    if (outcome === 'displaced' || outcome === 'waited') throw this.shed(outcome);
    this.metrics.wait.observe((performance.now() - asked) / 1000);
    return outcome;
  }

  private async queue(demand: number, signal: AbortSignal): ReturnType<WaitingLine<Turn>['wait']> {
    if (!this.hasRoom(demand)) throw this.shed('full');
    const waiting = this.line.wait(demand, signal, this.longestWaitMs);
    if (this.waitMs(this.line.length - 1) > this.longestWaitMs) this.line.dropLast();
    return waiting;
  }

  private readonly begin = (): Turn => {
    const turn = { since: performance.now() };
    this.running.add(turn);
    return turn;
  };

  /** Whether one who has asked for so much would have its turn in time. */
  private hasRoom(demand: number): boolean {
    return this.waitMs(this.line.before(demand)) <= this.longestWaitMs;
  }

  /** How long one with so many ahead would wait: until the oldest hash that runs ends, then a turn for each of them. */
  private waitMs(ahead: number): number {
    const [oldest] = this.running;
    if (!oldest || this.running.size < this.threads) return 0;
    const untilNextTurn = Math.max(0, oldest.since + this.averageMs - performance.now());
    return untilNextTurn + (ahead * this.averageMs) / this.threads;
  }

  private shed(reason: ShedReason): AppError {
    this.metrics.shed.inc({ reason });
    if (performance.now() - this.noticedAt > NOTICE_EVERY_MS) {
      this.noticedAt = performance.now();
      this.logger.warn('more passwords wait to be hashed than this process can serve: some requests are answered 503');
    }
    return overloaded(this.waitMs(this.line.length));
  }

  private abandon(): AppError {
    this.metrics.abandoned.inc();
    return clientGone();
  }
}
