import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { RateLimits } from '../../platform/rate-limit/rate-limits.js';
import type { User } from '../../users/user.entity.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { AccountCreation } from './account-creation.js';
import { AuthMetrics } from './auth-metrics.js';
import { registrationLimit } from './sign-in.limits.js';
import type { UserCreate } from './user-create.dto.js';

/** Registers accounts. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly accounts: AccountCreation,
    private readonly hasher: PasswordHasher,
    private readonly limits: RateLimits,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * @throws AppError 400 if the username or the address is taken; 422 for a body that the settings do not allow; 429
   * auth.too_many_registrations; 503 auth.overloaded
   */
  async register(account: UserCreate, caller: Caller): Promise<User> {
    return this.metrics.countRegistration(this.hasher.withCapacity(caller, async () => this.create(account, caller)));
  }

  private async create(account: UserCreate, caller: Caller): Promise<User> {
    await this.limits.reserve(registrationLimit, { client: caller.client }, caller);
    this.accounts.checkBody(account);
    // Checked before the expensive hash; the database decides a race. From here on the registration counts, even if the
    // client disconnects or the hash queue refuses it. Otherwise names could be probed without limit.
    await this.accounts.requireAvailable(account, caller);
    const passwordHash = await this.hasher.hash(account.password, caller);
    return this.accounts.create(account, passwordHash, caller);
  }
}
