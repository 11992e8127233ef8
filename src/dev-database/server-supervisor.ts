import { setTimeout as sleep } from 'node:timers/promises';
import { clearOrphans } from './orphans.js';
import { type Postmaster, type PostmasterOptions, signalNow, startPostmaster, stopPostmaster } from './postmaster.js';

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/**
 * Keeps a server running on one port: restarts a server that was killed, such as by the OOM killer, on the same port,
 * because the service knows only its address. If this process exits without `stop`, its 'exit' event signals the server
 * to stop.
 */
export class ServerSupervisor {
  private running = true;
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();

  static async start(options: PostmasterOptions, log: (line: string) => void): Promise<ServerSupervisor> {
    return new ServerSupervisor(options, log, await startPostmaster(options));
  }

  private constructor(
    private readonly options: PostmasterOptions,
    private readonly log: (line: string) => void,
    private postmaster: Postmaster,
  ) {
    process.on('exit', this.interrupt);
    this.watch();
  }

  get port(): number {
    return this.postmaster.port;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.restarting;
    if (this.running) await stopPostmaster(this.postmaster.pid, this.options.binaries);
    process.off('exit', this.interrupt);
  }

  private readonly interrupt = () => {
    if (this.running) signalNow(this.postmaster.pid);
  };

  private watch(): void {
    this.running = true;
    void this.postmaster.gone.then(() => {
      this.running = false;
      if (!this.stopping) this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    this.log(`The embedded PostgreSQL (process ${this.postmaster.pid}) stopped unexpectedly and is restarted.`);
    for (let delay = FIRST_DELAY_MS; !this.stopping; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
      try {
        await clearOrphans(this.options.dataDirectory, this.options.binaries, this.log);
        this.postmaster = await startPostmaster(this.options, this.port);
        this.watch();
        this.log(`The embedded PostgreSQL is running again (process ${this.postmaster.pid}).`);
        return;
      } catch (error) {
        this.log(error instanceof Error ? error.message : String(error));
      }
      await sleep(delay, undefined, { ref: false });
    }
  }
}
