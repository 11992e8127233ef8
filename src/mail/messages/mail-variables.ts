/** An account, as its owner knows it. */
interface Named {
  username: string;
}

/** Something that happened: a time that the message writes in UTC. */
interface Event extends Named {
  at: Date;
}

/** A link that ends. */
interface Linked extends Named {
  /** Of `linkTo`. */
  link: string;
  validMinutes: number;
}

/** What each message is filled with. */
export interface MailVariables {
  welcome: Named;
  'verify-email': Linked;
  'reset-password': Linked;
  'password-changed': Event;
  /** Goes to the address that is to become the account's. */
  'confirm-email-change': Linked;
  /** Goes to the address that was the account's until now. `newEmail` is shown with most of its letters hidden. */
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

/** Every message that there is. */
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
