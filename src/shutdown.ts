import cluster from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { exitWith, flushed } from './exit.js';
import type { ErrorType } from './platform/http/error-catalogue.js';
import { internalError, interrupted } from './platform/http/http.errors.js';
import { onParentGone } from './platform/processes/parent-watch.js';
import type { Service } from './serve.js';

/** Signals this close together count as one: Ctrl-C reaches both the service and npm, which forwards it. */
const SAME_SIGNAL_MS = 500;

/** Time limit for closing the database connections and the embedded database after the requests have ended. */
const CLOSING_MS = 1500;

/** Time limit for the master of a cluster to confirm that it passes on no more connections. */
const LEAVE_TIMEOUT_MS = 1000;

/**
 * Ends a process of the service once, after a drain. The triggers are SIGTERM, SIGINT (which PM2 sends), PM2's message
 * `shutdown`, the end of PM2 or of npm's shell, and an uncaught exception.
 */
export class Shutdown {
  private service: Service | undefined;
  private begunAt: number | undefined;

  constructor(
    private readonly logger: Logger,
    /** Time limit for requests in flight, in milliseconds. */
    private readonly drainMs: number,
  ) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
    process.on('message', (message) => {
      if (message === 'shutdown') this.begin('PM2 requested it', 0);
    });
    this.outliveParent();
    process.on('uncaughtException', (error) => this.onUncaughtException(error));
    process.on('unhandledRejection', (reason) => this.onUnhandledRejection(reason));
  }

  /** Call it when the service has started: from then on, a shutdown waits for requests. */
  guard(service: Service): void {
    this.service = service;
  }

  /** Ends this process when the process that started it has ended, because npm's shell does not pass on signals. */
  endWithParent(): void {
    onParentGone(() => this.begin('the process that started it has ended', 0));
  }

  /** A second signal exits at once, except under a process manager, which may repeat signals and sends SIGKILL itself. */
  private onSignal(signal: NodeJS.Signals): void {
    if (this.begunAt === undefined) {
      this.begin(signal, 0);
      return;
    }
    if (process.send || performance.now() - this.begunAt < SAME_SIGNAL_MS) return;
    this.logger.warn(`${signal} again: exiting at once`);
    process.exit(1);
  }

  /** Drains a worker whose master has died; by default, Node would exit at once and abort its requests. */
  private outliveParent(): void {
    const { worker } = cluster;
    (worker ?? process).once('disconnect', () => {
      if (worker) worker.exitedAfterDisconnect = true;
      this.begin('the process manager has ended', 1);
    });
  }

  /** The state after an uncaught exception is unknown, so the process finishes its requests and exits. */
  private onUncaughtException(error: unknown): void {
    this.logger.fatal({ err: error }, 'uncaught exception');
    this.service?.faults.uncaughtException();
    if (this.service || this.begunAt !== undefined) this.begin('uncaught exception', 1, internalError);
    else void exitWith(error);
  }

  /** Nothing depends on a promise that was not awaited, so the process continues. */
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
    // Without a service, no requests are in flight.
    await flushed(logger);
    await leaveCluster();
    process.exit(exitCode);
  }
}

/**
 * Waits until the master of the cluster knows that this worker accepts no more connections. If the worker exited while
 * the master passes a connection to it, the connection would stay open without a response (`handoff` in Node's
 * lib/internal/cluster/round_robin_handle.js).
 */
async function leaveCluster(): Promise<void> {
  const { worker } = cluster;
  if (!worker?.isConnected()) return;
  const left = once(process, 'disconnect');
  worker.disconnect();
  await Promise.race([left, sleep(LEAVE_TIMEOUT_MS)]);
}
