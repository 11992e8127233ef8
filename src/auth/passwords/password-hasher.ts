import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { HashQueue } from './hashing/hash-queue.js';
import type { Timed } from './hashing/hash-task.js';
import { HashThreadPool } from './hashing/hash-thread-pool.js';
import { HashingSettings } from './hashing/hashing.settings.js';
import { fitsBcrypt, PASSWORD_MAX_BYTES } from './password-length.js';

const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/**
 * Most UTF-16 code units of a password that is hashed; bcrypt reads 72 bytes. For a longer one a dummy hash is
 * computed.
 */
const MAX_COMPARED_LENGTH = 8 * PASSWORD_MAX_BYTES;

/** How far above BCRYPT_ROUNDS the dummies follow a stored hash: four times the time, and no further. */
const MAX_EXTRA_COST = 2;

/** bcrypt, as passlib and Python's bcrypt wrote it too. Every hash waits for its turn in the hash queue, dummies included. */
@Injectable()
export class PasswordHasher {
  /** What a failed comparison costs: BCRYPT_ROUNDS, or more once a hash was met that somebody made at more. */
  private fullCost: number;

  constructor(
    private readonly settings: HashingSettings,
    private readonly queue: HashQueue,
    private readonly threads: HashThreadPool,
  ) {
    this.fullCost = settings.BCRYPT_ROUNDS;
  }

  /**
   * Around everything that is done for the sake of a hash: whoever would not get one in time is refused before it, at no
   * cost, and who begins keeps a place.
   *
   * @throws AppError 503 auth.overloaded; what `work` throws
   */
  async withCapacity<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    return this.queue.reserve(caller, work);
  }

  /**
   * @param password at most 72 bytes
   * @returns a `$2b$` hash
   * @throws AppError 503 auth.overloaded; 499 when the client has gone
   */
  async hash(password: string, caller: Caller): Promise<string> {
    return this.queue.run(async () => this.threads.hash(password, this.settings.BCRYPT_ROUNDS), caller);
  }

  /**
   * Whether a password is the one of a hash. Without a usable hash, and for a password that bcrypt would cut, a dummy is
   * compared: the answer takes as long, and tells nothing by the clock. So it does where the hash was
   * made at a lower cost, as before the setting was raised: dummies make up for the difference.
   *
   * @throws AppError 503 auth.overloaded; 499 when the client has gone
   */
  async verify(password: string, hash: string | undefined, caller: Caller): Promise<boolean> {
    const usable = hash !== undefined && BCRYPT_HASH.test(hash) && fitsBcrypt(password);
    if (usable) this.raiseCost(costOf(hash));
    // `$2y$` is PHP's name for `$2b$`, which this library does not know.
    const compared = usable ? hash.replace('$2y$', '$2b$') : dummyHash(this.fullCost);
    const given = password.slice(0, MAX_COMPARED_LENGTH);
    return this.queue.run(async () => {
      const { result, durationMs } = await this.threads.compare(given, compared);
      return usable && result ? { result, durationMs } : this.padFailure(given, costOf(compared), durationMs);
    }, caller);
  }

  /** Whether a password can be compared with the hash at all. Accounts without a password have another text. */
  isUsable(hash: string): boolean {
    return BCRYPT_HASH.test(hash);
  }

  /** Whether a hash of this service's was made at a lower cost than BCRYPT_ROUNDS. */
  isOutdated(hash: string): boolean {
    return BCRYPT_HASH.test(hash) && costOf(hash) < this.settings.BCRYPT_ROUNDS;
  }

  private raiseCost(cost: number): void {
    this.fullCost = Math.max(this.fullCost, Math.min(cost, this.settings.BCRYPT_ROUNDS + MAX_EXTRA_COST));
  }

  /** Each step doubles the time: the costs from one to below another take together what is between the two. */
  private async padFailure(password: string, cost: number, durationMs: number): Promise<Timed<false>> {
    let total = durationMs;
    for (let dummy = cost; dummy < this.fullCost; dummy += 1) {
      total += (await this.threads.compare(password, dummyHash(dummy))).durationMs;
    }
    return { result: false, durationMs: total };
  }
}

function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

/** A hash of no known password. */
function dummyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`;
}
