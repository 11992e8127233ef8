import { DiscoveryService } from '@nestjs/core';
import type { AuditAction } from '../../../audit/audit-actions.js';
import type { Caller } from '../../../platform/http/caller.js';
import type { ErrorType } from '../../../platform/http/error-catalogue.js';
import type { User } from '../../../users/user.entity.js';

/** The name under which clients and the registry know a factor: `password`. */
export type FactorName = string;

/** What a factor rests on (NIST SP 800-63B section 4): something the user knows, has or is. */
export type FactorKind = 'knowledge' | 'possession' | 'inherence';

/** A factor that a user has proved. The assurance level and the methods of a session come from its proofs. */
export interface Proof {
  readonly factor: FactorName;
  readonly kind: FactorKind;
  /** An authentication method reference (RFC 8176). */
  readonly amr: string;
}

/** A proof that begins a sign-in: it also identifies the account. */
export interface FirstProof extends Proof {
  /** The account as it was when the factor was verified. */
  readonly user: User;
  /** Verifies the same credentials again, for an account that has changed meanwhile. */
  readonly reverify?: () => Promise<FirstProof>;
}

/** What a client gives to prove a factor. Only the factor knows the form of the answer. */
export interface FactorAnswer {
  readonly factor: FactorName;
  readonly answer: unknown;
}

/** The sign-in, or the session, for which a factor is asked. */
export interface FactorRequest {
  /** The id of the session that the sign-in will open, or of the session that is confirmed. */
  readonly sessionId: string;
  readonly user: User;
  readonly caller: Caller;
}

/** A way to prove who one is. Limits, audit events and refusals are the caller's: a factor only compares. */
export interface Factor {
  readonly kind: FactorKind;
  /** An authentication method reference (RFC 8176), such as `pwd` or `otp`: lower-case letters and digits. */
  readonly amr: string;
  /** How a wrong answer is answered, never with a 401, and recorded when a signed-in user gives it. */
  readonly wrongAnswer: { readonly error: ErrorType; readonly action: AuditAction };
  isEnrolled(user: User): Promise<boolean>;
  /** What the client needs before it can answer, such as the options of a passkey. */
  begin?(request: FactorRequest): Promise<object>;
  /** Whether the answer is right. A try that throws does not count toward the limits. */
  verify(request: FactorRequest, answer: unknown): Promise<boolean>;
  /** Admits a try before anything is done for it: the password refuses while the hash queue is full. */
  withCapacity?<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result>;
}

/** Registers a provider as a factor: `@SignInFactor('password')`. */
export const SignInFactor = DiscoveryService.createDecorator<FactorName>();
