import cluster from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { exitWith, flushed } from './exit.js';
import type { ErrorType } from './platform/http/error-catalogue.js';
import { internalError, interrupted } from './platform/http/http.errors.js';
import { onParentGone } from './platform/processes/parent-watch.js';
import type { Service } from './serve.js';

/** A terminal's Ctrl-C reaches the service and npm, which sends it on: so close together two signals are one. */
const SAME_SIGNAL_MS = 500;

/** What closing the connections to the database, and the embedded one, may take once the requests have ended. */
const CLOSING_MS = 1500;

/** How long the master of a cluster may take to confirm that it hands over no more connections. */
const FLUSH_TIMEOUT_MS = 1000;

/**
 * How a process of the service ends: once, whatever asked for it. SIGTERM, SIGINT (which PM2 sends), PM2's message
 * `shutdown`, the end of its PM2 or of npm's shell, and an uncaught exception all drain it first.
 */
export class Shutdown {
  private service: Service | undefined;
  private begunAt: number | undefined;

  constructor(
    private readonly logger: Logger,
    /** How long requests in flight have, in ms. */
    private readonly drainMs: number,
  ) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
    process.on('message', (message) => {
      if (message === 'shutdown') this.begin('PM2 asks for it', 0);
    });
    this.outliveParent();
    process.on('uncaughtException', (error) => this.onUncaughtException(error));
    process.on('unhandledRejection', (reason) => this.onUnhandledRejection(reason));
  }

  /** From here on there are requests that an end has to wait for. */
  guard(service: Service): void {
    this.service = service;
  }

  /** Ends this process when the process that started it is gone, because npm's shell does not pass signals on. */
  endWithParent(): void {
    onParentGone(() => this.begin('the process that started it is gone', 0));
  }

  /** Under a process manager a signal comes twice (from it and from systemd or the terminal), and it kills by itself. */
  private onSignal(signal: NodeJS.Signals): void {
    if (this.begunAt === undefined) {
      this.begin(signal, 0);
      return;
    }
    if (process.send || performance.now() - this.begunAt < SAME_SIGNAL_MS) return;
    this.logger.warn(`${signal} again: ending at once`);
    process.exit(1);
  }

  /** Node would end a worker at once when its master has died, and with it the requests in flight. */
  private outliveParent(): void {
    const { worker } = cluster;
    (worker ?? process).once('disconnect', () => {
      if (worker) worker.exitedAfterDisconnect = true;
      this.begin('the process manager is gone', 1);
    });
  }

  /** What the exception left half done is unknown: the process serves what it has and makes way for a new one. */
  private onUncaughtException(error: unknown): void {
    this.logger.fatal({ err: error }, 'uncaught exception');
    this.service?.faults.uncaughtException();
    if (this.service || this.begunAt !== undefined) this.begin('an exception was not caught', 1, internalError);
    else void exitWith(error);
  }

  /** A promise that nobody awaited: whoever made it has gone on without it, and so can the process. */
  private onUnhandledRejection(reason: unknown): void {
    this.logger.error({ err: reason }, 'unhandled rejection');
    this.service?.faults.unhandledRejection();
  }

  private begin(reason: string, exitCode: number, refusal = interrupted): void {
    if (this.begunAt !== undefined) return;
    this.begunAt = performance.now();
    this.end(reason, exitCode, refusal).catch(exitWith);
  }

  private async end(reason: string, exitCode: number, refusal: ErrorType): Promise<void> {
    const { service, logger } = this;
    if (service) {
      logger.info(`stopping: ${reason}`);
      setTimeout(() => {
        logger.warn('the connections to the database did not close in time');
        process.exit(exitCode);
      }, this.drainMs + CLOSING_MS);
      await service.close(refusal);
      logger.info('stopped');
    }
    // Without a service nothing is in flight yet; what was begun ends with the process.
    await flushed(logger);
    await leaveCluster();
    process.exit(exitCode);
  }
}

/**
 * Waits until the master of the cluster knows that this worker takes no more connections. One that is on its way here
 * would be lost in silence: the master keeps it open for an answer that never comes, and its client waits in vain.
 * (node: lib/internal/cluster/round_robin_handle.js, handoff)
 */
async function leaveCluster(): Promise<void> {
  const { worker } = cluster;
  if (!worker?.isConnected()) return;
  const left = once(process, 'disconnect');
  worker.disconnect();
  await Promise.race([left, sleep(FLUSH_TIMEOUT_MS)]);
}
