interface ActionFacts {
  /** A description of the event for the documentation. */
  about: string;
  outcome: AuditOutcome;
}

export type AuditOutcome = 'success' | 'failure';

/** All actions with their outcomes. The table in docs/audit.md is generated from this object. */
export const AUDIT_ACTIONS = {
  'user.registered': { outcome: 'success', about: 'An account was created.' },
  'user.updated': { outcome: 'success', about: 'The name or the display name of an account was changed.' },
  'user.registration_refused': {
    outcome: 'failure',
    about:
      'A registration was refused because the name or the address is taken; `reason` is the error code. It has no subject, so the owner of that account does not see it.',
  },
  'user.update_refused': {
    outcome: 'failure',
    about: 'A change of the username was refused; `reason` is the error code.',
  },
  'user.export_refused': {
    outcome: 'failure',
    about: 'An export was refused because the account had requested too many; one event per minute is recorded.',
  },
  'user.exported': { outcome: 'success', about: 'The owner of an account exported its data.' },
  'user.deleted': { outcome: 'success', about: 'An account was deleted.' },
  'login.failed': {
    outcome: 'failure',
    about:
      'A sign-in was refused; `reason` is `wrong_password`, `unknown_name`, `inactive` or `unverified` (the password is correct, but the account is disabled or its address is not verified) or `wrong_factor` (the password is correct, but the next `factor` failed).',
  },
  'login.throttled': {
    outcome: 'failure',
    about:
      'Sign-ins were refused after too many wrong passwords of one account or one client (`limit`); one event per minute is recorded.',
  },
  'password.refused': {
    outcome: 'failure',
    about: 'A signed-in user entered a wrong current password.',
  },
  'password.changed': { outcome: 'success', about: 'A user changed the password by entering the current one.' },
  'password.reset_requested': {
    outcome: 'success',
    about: 'A password reset link was requested; a failure if no account has the address.',
  },
  'password.reset': { outcome: 'success', about: 'A password was set with a link that was sent to the account.' },
  'password.rehashed': { outcome: 'success', about: 'A password was rehashed with a higher cost at a sign-in.' },
  'session.opened': { outcome: 'success', about: 'A user signed in.' },
  'session.reauthenticated': {
    outcome: 'success',
    about: 'A signed-in user confirmed their identity.',
  },
  'session.ended': { outcome: 'success', about: 'A session was ended; `reason` says why.' },
  'session.refresh_refused': {
    outcome: 'failure',
    about:
      'A genuine refresh token was refused; `reason` is `session_over` (ended, expired, or the account is disabled), `unknown_session` (deleted since) or `unknown_token` (newer than the session in the database, as after a restore). One event per session and minute is recorded.',
  },
  'session.refresh_repeated': {
    outcome: 'success',
    about:
      'A refresh token was used again after the grace period while its successor was unused: the first response was lost.',
  },
  'session.reuse_detected': {
    outcome: 'failure',
    about: 'A used refresh token was presented after its successor had been used: the session was ended.',
  },
  'email.verification_requested': {
    outcome: 'success',
    about: 'A link to verify an address was requested; a failure if no account has the address.',
  },
  'email.verified': { outcome: 'success', about: 'An address was verified.' },
  'email.change_requested': { outcome: 'success', about: 'A link was sent to a new address.' },
  'email.changed': { outcome: 'success', about: 'The address of an account was changed.' },
  'audit.erased': {
    outcome: 'success',
    about:
      'Names, addresses and user agents in the events of an account were erased; `events` is the number of events.',
  },
  'audit.events_omitted': {
    outcome: 'success',
    about:
      'Events of the action `omitted` without a subject exceeded 100 a minute in a process; `events` is the number of events that were not recorded.',
  },
  'audit.months_dropped': {
    outcome: 'success',
    about:
      'Events older than the retention were dropped; the chain now starts after the seal `lastSeq` with the hash `lastHash`.',
  },
  'audit.loss_acknowledged': {
    outcome: 'success',
    about:
      'An operator acknowledged that an event (`eventId`, of `occurredAt`) was lost before it was sealed (`cli audit:acknowledge`).',
  },
} as const satisfies Readonly<Record<string, ActionFacts>>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
