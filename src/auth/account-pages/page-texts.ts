import type { LinkedPage } from '../../mail/links.js';
import type { MailLanguage } from '../../mail/mails.js';

/** What a page says. */
export interface PageTexts {
  title: string;
  /** What the button does, and what to do if one did not ask for it. */
  intro: string;
  button: string;
  /** Once it is done. */
  done: string;
}

/** What every page says, by what has happened. */
export interface CommonTexts {
  password: string;
  showPassword: string;
  invalid: string;
  missing: string;
  taken: string;
  short: string;
  long: string;
  weak: string;
  busy: string;
  failed: string;
  noScript: string;
}

export const PAGE_TEXTS: Readonly<Record<MailLanguage, Readonly<Record<LinkedPage, PageTexts>>>> = {
  en: {
    'reset-password': {
      title: 'Choose a new password',
      intro:
        'You will be signed out on every device. If you did not ask for this, close the page: nothing has changed.',
      button: 'Set new password',
      done: 'Your new password is set. You can sign in with it now.',
    },
    'verify-email': {
      title: 'Verify your e-mail address',
      intro: 'Confirm that this account and this address are yours. If they are not, close the page.',
      button: 'Verify address',
      done: 'Thank you. Your address is verified.',
    },
    'confirm-email': {
      title: 'Confirm your new e-mail address',
      intro:
        'Your account will use this address, and the old one is told so. If you did not ask for this, close the page: nothing has changed.',
      button: 'Use this address',
      done: 'Done. This is the address of your account now.',
    },
  },
  de: {
    'reset-password': {
      title: 'Neues Passwort wählen',
      intro:
        'Sie werden auf allen Geräten abgemeldet. Wenn Sie das nicht angefordert haben, schließen Sie die Seite: Es hat sich nichts geändert.',
      button: 'Neues Passwort setzen',
      done: 'Ihr neues Passwort ist gesetzt. Sie können sich jetzt damit anmelden.',
    },
    'verify-email': {
      title: 'E-Mail-Adresse bestätigen',
      intro: 'Bestätigen Sie, dass dieses Konto und diese Adresse Ihnen gehören. Wenn nicht, schließen Sie die Seite.',
      button: 'Adresse bestätigen',
      done: 'Danke. Ihre Adresse ist bestätigt.',
    },
    'confirm-email': {
      title: 'Neue E-Mail-Adresse bestätigen',
      intro:
        'Danach gehört diese Adresse zu Ihrem Konto, und an die alte geht eine Nachricht darüber. Wenn Sie das nicht angefordert haben, schließen Sie die Seite: Es hat sich nichts geändert.',
      button: 'Diese Adresse verwenden',
      done: 'Fertig. Das ist jetzt die Adresse Ihres Kontos.',
    },
  },
};

export const COMMON_TEXTS: Readonly<Record<MailLanguage, CommonTexts>> = {
  en: {
    password: 'New password',
    showPassword: 'Show password',
    invalid:
      'This link is not valid any more: it has expired, was used, or the account has changed since. Ask for another one.',
    missing: 'The link is not complete, or the page was loaded again. Open the link in the message once more.',
    taken: 'Another account has this address by now.',
    short: 'This password is too short: at least {minLength} characters.',
    long: 'This password is too long: at most 72 bytes.',
    weak: 'This password is common, breached or easily guessed. Choose another one, for example of four random words.',
    busy: 'The service is busy. Please try again in a moment.',
    failed: 'That did not work. Please check your connection and try again.',
    noScript: 'This page needs JavaScript.',
  },
  de: {
    password: 'Neues Passwort',
    showPassword: 'Passwort anzeigen',
    invalid:
      'Dieser Link gilt nicht mehr: Er ist abgelaufen, wurde benutzt, oder das Konto hat sich seither geändert. Fordern Sie einen neuen an.',
    missing:
      'Der Link ist unvollständig, oder die Seite wurde neu geladen. Öffnen Sie den Link in der Nachricht noch einmal.',
    taken: 'Diese Adresse gehört inzwischen zu einem anderen Konto.',
    short: 'Dieses Passwort ist zu kurz: mindestens {minLength} Zeichen.',
    long: 'Dieses Passwort ist zu lang: höchstens 72 Bytes.',
    weak: 'Dieses Passwort ist verbreitet, bekannt geworden oder leicht zu erraten. Wählen Sie ein anderes, etwa aus vier zufälligen Wörtern.',
    busy: 'Der Dienst ist ausgelastet. Bitte versuchen Sie es gleich noch einmal.',
    failed: 'Das hat nicht geklappt. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    noScript: 'Diese Seite braucht JavaScript.',
  },
};
