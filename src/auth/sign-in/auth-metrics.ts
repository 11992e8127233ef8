import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { AppError } from '../../platform/http/app-error.js';
import { Metrics } from '../../platform/metrics/metrics.js';

/** Outcomes of both counters, by error code. */
const REFUSED: Readonly<Record<string, string>> = {
  'auth.overloaded': 'shed',
  'http.client_gone': 'client_gone',
};
const LOGIN_REFUSED: Readonly<Record<string, string>> = {
  ...REFUSED,
  'auth.invalid_credentials': 'invalid_credentials',
  'auth.inactive_user': 'inactive',
  'auth.email_not_verified': 'unverified',
  'auth.too_many_attempts': 'throttled',
};
const REGISTRATION_REFUSED: Readonly<Record<string, string>> = {
  ...REFUSED,
  'users.username_taken': 'taken',
  'users.email_taken': 'taken',
  'auth.too_many_registrations': 'throttled',
};

/** Counts sign-ins and registrations by outcome. `error` is a failure that the client did not cause. */
@Injectable()
export class AuthMetrics {
  private readonly logins: Counter<'outcome'>;
  private readonly registrations: Counter<'outcome'>;

  constructor({ registry }: Metrics) {
    const counter = (name: string, help: string, refused: object): Counter<'outcome'> => {
      const outcomes = new Counter({ name, help, labelNames: ['outcome'], registers: [registry] });
      // Every series starts at 0, because a rate needs a value before the first increment.
      for (const outcome of ['success', ...Object.values(refused), 'error']) outcomes.inc({ outcome }, 0);
      return outcomes;
    };
    this.logins = counter('auth_logins_total', 'Sign-in attempts with a password, by outcome.', LOGIN_REFUSED);
    this.registrations = counter('auth_registrations_total', 'Registrations, by outcome.', REGISTRATION_REFUSED);
  }

  async countLogin<T>(attempt: Promise<T>): Promise<T> {
    return countOutcome(attempt, this.logins, LOGIN_REFUSED);
  }

  async countRegistration<T>(attempt: Promise<T>): Promise<T> {
    return countOutcome(attempt, this.registrations, REGISTRATION_REFUSED);
  }
}

async function countOutcome<T>(
  attempt: Promise<T>,
  outcomes: Counter<'outcome'>,
  refused: Readonly<Record<string, string>>,
): Promise<T> {
  try {
    const result = await attempt;
    outcomes.inc({ outcome: 'success' });
    return result;
  } catch (error) {
    outcomes.inc({ outcome: (error instanceof AppError && refused[error.code]) || 'error' });
    throw error;
  }
}
