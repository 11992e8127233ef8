interface ActionFacts {
  /** A sentence for people: what has happened when there is such an event. */
  about: string;
  outcome: AuditOutcome;
}

export type AuditOutcome = 'success' | 'failure';

/** Every action that there is, with the outcome that it has. The table in docs/audit.md is made from it. */
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
    about: 'An export was refused because the account had too many; one event a minute stands for all of them.',
  },
  'user.exported': { outcome: 'success', about: 'The owner of an account exported its data.' },
  'user.deleted': { outcome: 'success', about: 'An account was deleted.' },
  'login.failed': {
    outcome: 'failure',
    about:
      'A sign-in was refused; `reason` is `wrong_password`, `unknown_name`, `inactive` or `unverified` (right password, but the account is disabled or its address not verified yet) or `wrong_factor` (right password, but a wrong answer for the next `factor`).',
  },
  'login.throttled': {
    outcome: 'failure',
    about:
      'Sign-ins were refused after too many wrong passwords of one account or one client (`limit`); one event a minute stands for all of them.',
  },
  'password.refused': {
    outcome: 'failure',
    about: 'Somebody who was signed in gave a wrong current password.',
  },
  'password.changed': { outcome: 'success', about: 'A password was changed with the old one.' },
  'password.reset_requested': {
    outcome: 'success',
    about: 'A link to set a new password was asked for; a failure where no account has the address.',
  },
  'password.reset': { outcome: 'success', about: 'A password was set by a link that was sent to the account.' },
  'password.rehashed': { outcome: 'success', about: 'A password was hashed again at a sign-in, at a higher cost.' },
  'session.opened': { outcome: 'success', about: 'Somebody signed in.' },
  'session.reauthenticated': {
    outcome: 'success',
    about: 'Somebody who was signed in confirmed who they are.',
  },
  'session.ended': { outcome: 'success', about: 'A session was ended; `reason` says why.' },
  'session.refresh_refused': {
    outcome: 'failure',
    about:
      'A genuine refresh token was refused; `reason` is `session_over` (ended, expired, or the account is disabled), `unknown_session` (deleted since) or `unknown_token` (newer than the session in the database, as after a restore). One event a minute stands for all of a session.',
  },
  'session.refresh_repeated': {
    outcome: 'success',
    about:
      'A refresh token was used again, later than the grace, while its successor was unused: the first answer was lost.',
  },
  'session.reuse_detected': {
    outcome: 'failure',
    about: 'A used refresh token was presented after its successor had been used: the session was ended.',
  },
  'email.verification_requested': {
    outcome: 'success',
    about: 'A link to verify an address was asked for; a failure where no account has it.',
  },
  'email.verified': { outcome: 'success', about: 'An address was verified.' },
  'email.change_requested': { outcome: 'success', about: 'A link was sent to a new address.' },
  'email.changed': { outcome: 'success', about: 'The address of an account was changed.' },
  'audit.erased': {
    outcome: 'success',
    about: 'Names, addresses and agents of the events of an account were erased; `events` is their number.',
  },
  'audit.events_omitted': {
    outcome: 'success',
    about:
      'Events of the action `omitted` without a subject exceeded 100 a minute in a process; `events` is the number that was not recorded.',
  },
  'audit.months_dropped': {
    outcome: 'success',
    about:
      'Events older than the retention were dropped; `lastSeq` and `lastHash` are what the chain now begins after.',
  },
  'audit.loss_acknowledged': {
    outcome: 'success',
    about:
      'An operator took note that an event (`eventId`, of `occurredAt`) was gone before its seal (`cli audit:acknowledge`).',
  },
} as const satisfies Readonly<Record<string, ActionFacts>>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
