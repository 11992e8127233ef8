import { Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { SignInSettings } from './sign-in.settings.js';
import { reauthenticationRequired } from './sign-in.errors.js';

/**
 * Requires a sign-in or a reauthentication within RECENT_SIGN_IN_MINUTES, by the database's clock. API keys are always
 * refused.
 */
@Injectable()
export class RecentSignIn {
  constructor(private readonly settings: SignInSettings) {}

  /** @throws AppError 403 auth.reauthentication_required */
  require(principal: Principal): void {
    const limit = this.settings.RECENT_SIGN_IN_MINUTES * 60;
    if (principal.kind !== 'session' || principal.authenticationAge > limit) throw reauthenticationRequired();
  }
}
