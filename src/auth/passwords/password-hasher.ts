import { Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { Environment } from '../../platform/config/environment.js';
import { HashGate } from './hash-gate.js';
import { fitsBcrypt } from './password-policy.js';

const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** bcrypt, as passlib and Python's bcrypt wrote it too. */
@Injectable()
export class PasswordHasher {
  /** A hash of no known password, at the cost of the real ones. */
  private readonly dummyHash: string;

  constructor(
    private readonly environment: Environment,
    private readonly gate: HashGate,
  ) {
    const cost = String(environment.BCRYPT_ROUNDS).padStart(2, '0');
    this.dummyHash = `$2b$${cost}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`;
  }

  /** @param password at most 72 bytes; @returns a `$2b$` hash */
  async hash(password: string): Promise<string> {
    return this.gate.run(() => bcrypt.hash(password, this.environment.BCRYPT_ROUNDS));
  }

  /**
   * Whether a password is the one of a hash. Without a usable hash, and for a password that bcrypt would cut, a dummy is
   * compared: the answer takes as long, and tells nothing by the clock (rows A1, A13, A14).
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const usable = hash !== undefined && BCRYPT_HASH.test(hash) && fitsBcrypt(password);
    // `$2y$` is PHP's name for `$2b$`, which this library does not know.
    const compared = usable ? hash.replace('$2y$', '$2b$') : this.dummyHash;
    const matches = await this.gate.run(() => bcrypt.compare(password, compared));
    return usable && matches;
  }
}
