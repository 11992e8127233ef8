import { DiscoveryService } from '@nestjs/core';
import type { AuditAction } from '../../../audit/audit-actions.js';
import type { Caller } from '../../../platform/http/caller.js';
import type { ErrorType } from '../../../platform/http/error-catalogue.js';
import type { User } from '../../../users/user.entity.js';

/** The name of a factor in requests and in the registry, such as `password`. */
export type FactorName = string;

/** The kind of a factor (NIST SP 800-63B section 4): something the user knows, has or is. */
export type FactorKind = 'knowledge' | 'possession' | 'inherence';

/** A proven factor. The proofs determine the assurance level and the authentication methods of a session. */
export interface Proof {
  readonly factor: FactorName;
  readonly kind: FactorKind;
  /** An authentication method reference (RFC 8176). */
  readonly amr: string;
}

/** The first proof of a sign-in, which also identifies the account. */
export interface FirstProof extends Proof {
  /** The account as it was when the factor was verified. */
  readonly user: User;
  /** Verifies the same credentials again, in case the account has changed in the meantime. */
  readonly reverify?: () => Promise<FirstProof>;
}

/** An answer of a client that proves a factor. Only the factor knows its form. */
export interface FactorAnswer {
  readonly factor: FactorName;
  readonly answer: unknown;
}

/** The sign-in or the reauthentication that needs a factor. */
export interface FactorRequest {
  /** The id of the session that the sign-in will open, or of the session that is reauthenticated. */
  readonly sessionId: string;
  readonly user: User;
  readonly caller: Caller;
}

/** A way to prove one's identity. A factor only verifies answers; the caller handles limits, audit events and refusals. */
export interface Factor {
  readonly kind: FactorKind;
  /** An authentication method reference (RFC 8176), such as `pwd` or `otp`: lower-case letters and digits. */
  readonly amr: string;
  /** The error for a wrong answer, never a 401, and the audit action for a wrong answer of a signed-in user. */
  readonly wrongAnswer: { readonly error: ErrorType; readonly action: AuditAction };
  isEnrolled(user: User): Promise<boolean>;
  /** Data that the client needs for its answer, such as the options of a passkey. */
  begin?(request: FactorRequest): Promise<object>;
  /** Whether the answer is correct. An attempt that throws does not count toward the limits. */
  verify(request: FactorRequest, answer: unknown): Promise<boolean>;
  /** Runs an attempt with reserved capacity. The password factor refuses attempts while the hash queue is full. */
  withCapacity?<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result>;
}

/** Registers a provider as a factor: `@SignInFactor('password')`. */
export const SignInFactor = DiscoveryService.createDecorator<FactorName>();
