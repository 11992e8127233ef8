import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashJob, Timed } from './hash-job.js';

/** A thread ended before it had answered. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied';
}

/** Above what a thread needs, and little enough that none can take the memory of the process. */
const MEMORY = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

interface Asker {
  resolve: (answer: HashAnswer) => void;
  reject: (error: Error) => void;
}

/** A thread that does one job at a time. It keeps the process alive while it works, and only then. */
export class HashingThread {
  private readonly worker: Worker;
  private asker: Asker | undefined;
  private cause: unknown;

  /** @param died called once, when the thread has ended for whatever reason */
  constructor(died: (thread: HashingThread) => void) {
    // Neither the settings, which hold secrets, nor options for the main thread are a hash's business.
    const options = { name: 'password hash', env: {}, execArgv: [], resourceLimits: MEMORY };
    this.worker = new Worker(new URL('./hash-thread.mjs', import.meta.url), options);
    this.worker.unref();
    this.worker.on('message', (answer: HashAnswer) => this.settle()?.resolve(answer));
    // 'exit' follows.
    this.worker.on('error', (error) => (this.cause = error));
    this.worker.on('exit', () => {
      died(this);
      this.settle()?.reject(new ThreadDied('a hashing thread ended before it answered', { cause: this.cause }));
    });
  }

  /** @throws ThreadDied; or what bcrypt threw */
  async run<Result extends string | boolean>(job: HashJob): Promise<Timed<Result>> {
    const answer = await new Promise<HashAnswer>((resolve, reject) => {
      this.asker = { resolve, reject };
      this.worker.ref();
      this.worker.postMessage(job, [job.password.buffer]);
    });
    if ('error' in answer) throw answer.error;
    return answer as Timed<Result>;
  }

  /** Ends it; a hash that runs is waited for, since nothing can stop it. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(): Asker | undefined {
    const { asker } = this;
    this.asker = undefined;
    this.worker.unref();
    return asker;
  }
}
