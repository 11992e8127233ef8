import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';

/** Threads of libuv's pool, which bcrypt shares with name look-ups, files and the handshake of new database connections. */
const LIBUV_THREADS = 4;

/**
 * Lets as many hashes run at once as there are cores, and never all threads of the pool: what waits behind a hash waits
 * for all hashes before it, 13 s were measured for a name look-up (row M15).
 */
@Injectable()
export class HashGate {
  private free = Math.min(availableParallelism(), LIBUV_THREADS - 1);
  private readonly waiting: (() => void)[] = [];

  /** Runs `hash` when its turn has come, first come first served. */
  async run<T>(hash: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await hash();
    } finally {
      // The place goes to the next in line, or back.
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
