import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { isUniqueViolation } from '../../platform/database/database-errors.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { type OpenedSession, SessionsService } from '../sessions/sessions.service.js';
import { TokenIssuer } from '../tokens/token-issuer.js';
import type { TokenResponse } from '../tokens/token-response.dto.js';
import type { FactorAnswer, FactorName, FirstProof } from './factors/factor.js';
import { NewSignInMail } from './new-sign-in-mail.js';
import { assuranceLevel, type SignInAttempt, type SignInChallenge, SignInChallenges } from './sign-in-challenges.js';
import { invalidCredentials } from './sign-in.errors.js';

/** The context of a sign-in. */
export interface SignInRequest {
  readonly caller: Caller;
  /** Sessions to end, because the response replaces their refresh cookies. */
  readonly replaced?: readonly string[];
}

export interface IssuedSession {
  readonly userId: number;
  readonly sessionId: string;
  readonly tokens: TokenResponse;
}

export type SignInResult = { readonly session: IssuedSession } | { readonly challenge: SignInChallenge };

/** Turns proofs into a session. No other class opens sessions. */
@Injectable()
export class SignInFlow {
  constructor(
    private readonly dataSource: DataSource,
    private readonly challenges: SignInChallenges,
    private readonly sessions: SessionsService,
    private readonly mail: NewSignInMail,
    private readonly tokens: TokenIssuer,
  ) {}

  /**
   * Starts a sign-in. If the account has changed since the proof, the credentials are verified again: the password may
   * have been changed, or only hashed again.
   *
   * @throws AppError 401 auth.invalid_credentials; errors of `proof.reverify`
   */
  async start(proof: FirstProof, request: SignInRequest): Promise<SignInResult> {
    const result = await this.proceed(newAttempt(proof), request);
    if (result) return result;
    const repeated = await proof.reverify?.();
    return requireResult(repeated && (await this.proceed(newAttempt(repeated), request)));
  }

  /**
   * Continues a sign-in with the answer to its challenge.
   *
   * @throws AppError errors of `SignInChallenges.verify`
   */
  async advance(attemptToken: string, answer: FactorAnswer, request: SignInRequest): Promise<SignInResult> {
    return requireResult(
      await this.proceed(await this.challenges.verify(attemptToken, answer, request.caller), request),
    );
  }

  /** Returns the data that the client needs to answer a challenge with a factor. Empty for most factors. */
  async begin(attemptToken: string, factor: FactorName, caller: Caller): Promise<object> {
    return this.challenges.begin(attemptToken, factor, caller);
  }

  /** @returns undefined if the account has changed, or the attempt has already opened its session */
  private async proceed(attempt: SignInAttempt, request: SignInRequest): Promise<SignInResult | undefined> {
    const challenge = await this.challenges.findChallenge(attempt);
    if (challenge) return { challenge };
    const opened = await this.openSession(attempt, request);
    if (!opened) return undefined;
    const { id: sessionId, refreshToken } = opened;
    const userId = attempt.user.id;
    const tokens = await this.tokens.issue(userId, { sessionId, generation: 0, refreshToken });
    return { session: { userId, sessionId, tokens } };
  }

  /** The session, its audit event and the message about a new device are committed together. */
  private async openSession(
    { sessionId: id, user, proofs }: SignInAttempt,
    { caller, replaced }: SignInRequest,
  ): Promise<OpenedSession | undefined> {
    const { id: userId, passwordHash } = user;
    const authentication = { aal: assuranceLevel(proofs), amr: proofs.map(({ amr }) => amr) };
    try {
      return await inTransaction(this.dataSource, async (tx) => {
        const order = { id, userId, passwordHash, caller, ...authentication, ...(replaced && { replaced }) };
        const opened = await this.sessions.open(tx, order);
        if (opened?.isNewDevice) await this.mail.enqueue(tx, user, opened, caller);
        return opened;
      });
    } catch (error) {
      if (proofs.length > 1 && isUniqueViolation(error)) return undefined;
      throw error;
    }
  }
}

function newAttempt(proof: FirstProof): SignInAttempt {
  return { sessionId: uuid(), user: proof.user, proofs: [proof] };
}

function requireResult(result: SignInResult | undefined): SignInResult {
  if (!result) throw invalidCredentials();
  return result;
}
