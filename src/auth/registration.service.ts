import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import type { Caller } from '../platform/http/caller.js';
import { ExactLimits, type Place } from '../platform/rate-limit/exact-limits.js';
import type { User } from '../users/user.entity.js';
import { AccountCreation } from './account-creation.js';
import { AuthMetrics } from './auth-metrics.js';
import { tooManyRegistrations } from './auth.errors.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import type { UserCreate } from './user-create.dto.js';

export const REGISTER_POLICY = 'register';

/** New accounts. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly accounts: AccountCreation,
    private readonly hasher: PasswordHasher,
    private readonly limits: ExactLimits,
    private readonly environment: Environment,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * @throws AppError 400 when the name or the address is taken; 422 for what the settings refuse; 429
   * auth.too_many_registrations; 503 auth.overloaded
   */
  async register(account: UserCreate, caller: Caller): Promise<User> {
    return this.metrics.registration(this.hasher.whenRoom(caller, async () => this.create(account, caller)));
  }

  private async create(account: UserCreate, caller: Caller): Promise<User> {
    const places = await this.takePlace(caller);
    this.accounts.checkBody(account);
    // Asked before the hash, which is a hundred times as dear; the database decides in a race. It counts as a try: whether
    // a name is taken is not to be asked without end.
    await this.accounts.refuseTaken(account, caller);
    try {
      const passwordHash = await this.hasher.hash(account.password, caller);
      return await this.accounts.create(account, passwordHash, caller);
    } catch (error) {
      await this.limits.giveBack(places, caller);
      throw error;
    }
  }

  private async takePlace(caller: Caller): Promise<readonly Place[]> {
    const most = this.environment.RATE_LIMIT_REGISTER_PER_HOUR;
    const budget = { key: `register:client:${caller.client}`, most, windowSeconds: 3600 };
    const verdict = await this.limits.take([budget], caller);
    if (verdict.admitted) return verdict.places;
    throw this.limits.refusal(REGISTER_POLICY, tooManyRegistrations, verdict.resetSeconds);
  }
}
