import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import type { AppError } from '../platform/http/app-error.js';
import type { Caller } from '../platform/http/caller.js';
import { clientBudgets } from '../platform/rate-limit/client-budgets.js';
import { ExactLimits } from '../platform/rate-limit/exact-limits.js';
import { isTaken } from './users.errors.js';

const HOUR_SECONDS = 3600;

/**
 * Limits how many names and addresses of others a client can find out by changing its own, whichever accounts it uses:
 * accounts can be created at will. A registration has a budget of the same size.
 */
@Injectable()
export class TakenProbes {
  constructor(
    private readonly limits: ExactLimits,
    private readonly environment: Environment,
  ) {}

  /**
   * Makes a change that may be refused because the name or the address is taken. Only such a refusal counts.
   *
   * @param refusal makes the 429 for a client without budget, from the seconds to wait
   * @throws AppError the refusal, or any error of the change
   */
  async count<T>(caller: Caller, refusal: (seconds: number) => AppError, change: () => Promise<T>): Promise<T> {
    const most = this.environment.RATE_LIMIT_REGISTER_PER_HOUR;
    const verdict = await this.limits.take(clientBudgets('taken:client', caller.client, most, HOUR_SECONDS), null);
    if (!verdict.admitted) throw refusal(verdict.resetSeconds);
    let counts = false;
    try {
      return await change();
    } catch (error) {
      counts = isTaken(error);
      throw error;
    } finally {
      if (!counts) await this.limits.giveBack(verdict.places, null);
    }
  }
}
