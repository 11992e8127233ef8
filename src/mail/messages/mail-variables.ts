/** A message about an account. */
interface Named {
  username: string;
}

/** A message about an event. The time is shown in UTC. */
interface Event extends Named {
  at: Date;
}

/** A message with a link that expires. */
interface Linked extends Named {
  /** From `linkTo`. */
  link: string;
  validMinutes: number;
}

/** The variables of each message. */
export interface MailVariables {
  welcome: Named;
  'verify-email': Linked;
  'reset-password': Linked;
  'password-changed': Event;
  /** Goes to the requested new address. */
  'confirm-email-change': Linked;
  /** Goes to the former address. `newEmail` is shown masked. */
  'email-changed': Event & { newEmail: string };
  /** `username` is the new one. */
  'username-changed': Event;
  /** Goes to the address of an account that no longer exists. */
  'account-deleted': Event;
  'new-sign-in': Event & {
    /** As in the list of sessions: `Firefox on Windows`. */
    device: string;
    /** IP address. */
    address: string;
  };
}

export type MailTemplate = keyof MailVariables;

export const MAIL_TEMPLATES: readonly MailTemplate[] = [
  'welcome',
  'verify-email',
  'reset-password',
  'password-changed',
  'confirm-email-change',
  'email-changed',
  'new-sign-in',
  'username-changed',
  'account-deleted',
];
