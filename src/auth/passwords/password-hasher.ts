import { Injectable } from '@nestjs/common';
import { Environment } from '../../platform/config/environment.js';
import type { Caller } from '../../platform/http/caller.js';
import { HashGate } from './hash-gate.js';
import { HashThreads } from './hash-threads.js';
import { fitsBcrypt } from './password-policy.js';

const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** bcrypt, as passlib and Python's bcrypt wrote it too. Every hash waits for its turn at the gate, dummies included. */
@Injectable()
export class PasswordHasher {
  /** A hash of no known password, at the cost of the real ones. */
  private readonly dummyHash: string;

  constructor(
    private readonly environment: Environment,
    private readonly gate: HashGate,
    private readonly threads: HashThreads,
  ) {
    const cost = String(environment.BCRYPT_ROUNDS).padStart(2, '0');
    this.dummyHash = `$2b$${cost}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`;
  }

  /**
   * Around everything that is done for the sake of a hash: whoever would not get one in time is refused before it, at no
   * cost, and who begins keeps a place.
   *
   * @throws AppError 503 auth.overloaded; what `work` throws
   */
  async whenRoom<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    return this.gate.expect(caller, work);
  }

  /**
   * @param password at most 72 bytes
   * @returns a `$2b$` hash
   * @throws AppError 503 auth.overloaded; 499 when the client has gone
   */
  async hash(password: string, caller: Caller): Promise<string> {
    return this.gate.run(async () => this.threads.hash(password, this.environment.BCRYPT_ROUNDS), caller);
  }

  /**
   * Whether a password is the one of a hash. Without a usable hash, and for a password that bcrypt would cut, a dummy is
   * compared: the answer takes as long, and tells nothing by the clock (rows A1, A13, A14).
   *
   * @throws AppError 503 auth.overloaded; 499 when the client has gone
   */
  async verify(password: string, hash: string | undefined, caller: Caller): Promise<boolean> {
    const usable = hash !== undefined && BCRYPT_HASH.test(hash) && fitsBcrypt(password);
    // `$2y$` is PHP's name for `$2b$`, which this library does not know.
    const compared = usable ? hash.replace('$2y$', '$2b$') : this.dummyHash;
    const matches = await this.gate.run(async () => this.threads.compare(password, compared), caller);
    return usable && matches;
  }
}
