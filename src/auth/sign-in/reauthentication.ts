import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../../access/principal.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { invalidToken } from '../../fastapi/errors/fastapi.errors.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { User } from '../../users/user.entity.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { Factor, FactorAnswer } from './factors/factor.js';
import { Factors } from './factors/factors.js';
import { LoginThrottle } from './login-throttle.js';

/** Verifies the identity of a signed-in user again, with any factor of the account. */
@Injectable()
export class Reauthentication {
  constructor(
    private readonly dataSource: DataSource,
    private readonly factors: Factors,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionsService,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Verifies an answer. A wrong answer counts toward the budget of the session, which nobody else can exhaust.
   *
   * @returns the account as it was when the answer was verified
   * @throws AppError the factor's error for a wrong answer (400 auth.wrong_password); 429 auth.too_many_attempts; 503
   * auth.overloaded
   */
  async confirm(principal: SessionPrincipal, { factor: name, answer }: FactorAnswer, caller: Caller): Promise<User> {
    const factor = this.factors.get(name);
    if (!factor) throw new RangeError(`unknown factor ${name}`);
    const verify = async () => this.verifyFactor(principal, factor, answer, caller);
    return factor.withCapacity ? factor.withCapacity(caller, verify) : verify();
  }

  /**
   * Verifies an answer and renews the authentication time of the session.
   *
   * @throws AppError 401 if the session has just ended; errors of `confirm`
   */
  async renew(principal: SessionPrincipal, answer: FactorAnswer, caller: Caller): Promise<void> {
    const { id } = await this.confirm(principal, answer, caller);
    const isRenewed = await inTransaction(this.dataSource, async (tx) =>
      this.sessions.renewAuthentication(tx, principal.sessionId, { actorId: id, caller }),
    );
    if (!isRenewed) throw invalidToken();
  }

  private async verifyFactor(
    { user: { id }, sessionId }: SessionPrincipal,
    factor: Factor,
    answer: unknown,
    caller: Caller,
  ): Promise<User> {
    const user = await this.dataSource.manager.findOneBy(User, { id });
    const isCorrect = await this.throttle.attemptConfirmation(
      { userId: id, sessionId },
      caller,
      async () => user !== null && factor.verify({ sessionId, user, caller }, answer),
    );
    if (user && isCorrect) return user;
    const { error, action } = factor.wrongAnswer;
    await this.audit.recordStandalone({ action, outcome: 'failure', actorId: id, subjectId: id, caller });
    throw error();
  }
}
