import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { HashQueue } from './hashing/hash-queue.js';
import type { Timed } from './hashing/hash-task.js';
import { HashThreadPool } from './hashing/hash-thread-pool.js';
import { HashingSettings } from './hashing/hashing.settings.js';
import { fitsBcrypt, PASSWORD_MAX_BYTES } from './password-length.js';

const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** UTF-16 code units of a password that are passed to bcrypt, which reads 72 bytes. Longer passwords never match. */
const MAX_COMPARED_LENGTH = 8 * PASSWORD_MAX_BYTES;

/** Maximum cost of dummy hashes above BCRYPT_ROUNDS, which is four times the duration. */
const MAX_EXTRA_COST = 2;

/**
 * Hashes and verifies passwords with bcrypt. Accepts the hashes of passlib and Python's bcrypt. Every hash and every
 * comparison, including those with dummy hashes, goes through the hash queue.
 */
@Injectable()
export class PasswordHasher {
  /** Cost of every failed comparison: BCRYPT_ROUNDS, or more if a stored hash has a higher cost. */
  private fullCost: number;

  constructor(
    private readonly settings: HashingSettings,
    private readonly queue: HashQueue,
    private readonly threads: HashThreadPool,
  ) {
    this.fullCost = settings.BCRYPT_ROUNDS;
  }

  /**
   * Runs `work`, which needs one hash, with a reserved slot in the hash queue. Refuses before `work` starts if the hash
   * could not be computed in time.
   *
   * @throws AppError 503 auth.overloaded; errors of `work`
   */
  async withCapacity<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    return this.queue.reserve(caller, work);
  }

  /**
   * @param password at most 72 bytes
   * @returns a `$2b$` hash
   * @throws AppError 503 auth.overloaded; 499 if the client disconnects
   */
  async hash(password: string, caller: Caller): Promise<string> {
    return this.queue.run(async () => this.threads.hash(password, this.settings.BCRYPT_ROUNDS), caller);
  }

  /**
   * Whether a password matches a hash. Every failure takes the same time, so that timing reveals nothing: without a
   * usable hash, and for a password that bcrypt would truncate, a dummy hash is compared; for a hash of a lower cost,
   * dummy comparisons make up the difference.
   *
   * @throws AppError 503 auth.overloaded; 499 if the client disconnects
   */
  async verify(password: string, hash: string | undefined, caller: Caller): Promise<boolean> {
    const usable = hash !== undefined && BCRYPT_HASH.test(hash) && fitsBcrypt(password);
    if (usable) this.raiseCost(costOf(hash));
    // `$2y$` is PHP's name for `$2b$`. The bcrypt package does not accept it.
    const compared = usable ? hash.replace('$2y$', '$2b$') : dummyHash(this.fullCost);
    const candidate = password.slice(0, MAX_COMPARED_LENGTH);
    return this.queue.run(async () => {
      const { result, durationMs } = await this.threads.compare(candidate, compared);
      return usable && result ? { result, durationMs } : this.padFailure(candidate, costOf(compared), durationMs);
    }, caller);
  }

  /** Whether the stored value is a bcrypt hash. Accounts without a password have another value. */
  isUsable(hash: string): boolean {
    return BCRYPT_HASH.test(hash);
  }

  /** Whether a hash has a lower cost than BCRYPT_ROUNDS. */
  isOutdated(hash: string): boolean {
    return BCRYPT_HASH.test(hash) && costOf(hash) < this.settings.BCRYPT_ROUNDS;
  }

  private raiseCost(cost: number): void {
    this.fullCost = Math.max(this.fullCost, Math.min(cost, this.settings.BCRYPT_ROUNDS + MAX_EXTRA_COST));
  }

  /** Each step doubles the duration, so dummies of the costs c to n-1 together take the difference between c and n. */
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

/** A valid bcrypt hash of an unknown password. */
function dummyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`;
}
