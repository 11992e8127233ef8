import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { AttemptTokens } from './attempt-tokens.js';
import type { Factor, FactorAnswer, FactorName, Proof } from './factors/factor.js';
import { Factors } from './factors/factors.js';
import { invalidCredentials } from './sign-in.errors.js';
import { SignInPolicy } from './sign-in.policy.js';

/** A sign-in in progress: an account and its proofs. */
export interface SignInAttempt {
  /** The id of the session that it will open. */
  readonly sessionId: string;
  readonly user: User;
  readonly proofs: readonly Proof[];
}

/** Requests another factor. */
export interface SignInChallenge {
  readonly attemptToken: string;
  /** The factors that the client can choose from. */
  readonly factors: readonly FactorName[];
}

/** Issues challenges for further factors and verifies the answers. */
@Injectable()
export class SignInChallenges {
  constructor(
    private readonly factors: Factors,
    private readonly tokens: AttemptTokens,
    private readonly credentials: UserCredentialsService,
    private readonly policy: SignInPolicy,
  ) {}

  /** @returns undefined if the proofs are sufficient: two kinds of factor, or every factor of the account */
  async findChallenge({ sessionId, user, proofs }: SignInAttempt): Promise<SignInChallenge | undefined> {
    if (assuranceLevel(proofs) === 2) return undefined;
    const proven = proofs.map(({ factor }) => factor);
    const factors: FactorName[] = [];
    for (const [name, factor] of this.factors) {
      if (!proven.includes(name) && (await factor.isEnrolled(user))) factors.push(name);
    }
    return factors.length === 0 ? undefined : { attemptToken: this.tokens.issue(sessionId, user, proven), factors };
  }

  /**
   * Returns the data that the client needs to answer with a factor.
   *
   * @throws AppError 401 auth.invalid_credentials for an invalid token or factor
   */
  async begin(attemptToken: string, name: FactorName, caller: Caller): Promise<object> {
    const attempt = await this.getAttempt(attemptToken);
    const { sessionId, user } = attempt;
    const factor = await this.getFactor(name, attempt);
    return (await factor.begin?.({ sessionId, user, caller })) ?? {};
  }

  /**
   * Verifies an answer.
   *
   * @returns the attempt with one more proof
   * @throws AppError 401 auth.invalid_credentials for an invalid token or factor; the factor's error for a wrong answer;
   * 429 auth.too_many_attempts
   */
  async verify(attemptToken: string, { factor: name, answer }: FactorAnswer, caller: Caller): Promise<SignInAttempt> {
    const attempt = await this.getAttempt(attemptToken);
    const { sessionId, user, proofs } = attempt;
    const factor = await this.getFactor(name, attempt);
    const admit = async () =>
      this.policy.admitFactor(user, [name, factor], caller, async () =>
        factor.verify({ sessionId, user, caller }, answer),
      );
    await (factor.withCapacity ? factor.withCapacity(caller, admit) : admit());
    return { ...attempt, proofs: [...proofs, toProof(name, factor)] };
  }

  private async getAttempt(token: string): Promise<SignInAttempt> {
    const claims = this.tokens.verify(token);
    const user = claims && (await this.credentials.find(claims.userId));
    if (!user || !this.tokens.isUnchanged(user, claims)) throw invalidCredentials();
    const proofs = claims.factors.flatMap((name) => {
      const factor = this.factors.get(name);
      return factor ? [toProof(name, factor)] : [];
    });
    return { sessionId: claims.sessionId, user, proofs };
  }

  /**
   * Refuses a factor that the account does not have, and a factor that has been proven: a correct answer for it would
   * release the limits of the other factors.
   */
  private async getFactor(name: FactorName, { user, proofs }: SignInAttempt): Promise<Factor> {
    const factor = this.factors.get(name);
    const isProven = proofs.some((proof) => proof.factor === name);
    if (!factor || isProven || !(await factor.isEnrolled(user))) throw invalidCredentials();
    return factor;
  }
}

/** The authenticator assurance level (NIST SP 800-63B): 2 for two different kinds of factor. */
export function assuranceLevel(proofs: readonly Proof[]): 1 | 2 {
  return new Set(proofs.map(({ kind }) => kind)).size > 1 ? 2 : 1;
}

function toProof(name: FactorName, { kind, amr }: Factor): Proof {
  return { factor: name, kind, amr };
}
