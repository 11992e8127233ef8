import type { LinkedPage } from '../../../mail/messages/links.js';
import type { MailLanguage } from '../../../mail/messages/mail-language.js';

/** The texts of one page. */
export interface PageTexts {
  title: string;
  /** The effect of the button, and advice for a user who did not request the link. */
  intro: string;
  button: string;
  /** Shown after success. */
  done: string;
  /** Shown for an expired or used link, with how to get another one. */
  invalid: string;
  /** Shown after a request for another link, on pages that offer it. Does not reveal whether an account exists. */
  sent?: string;
}

/** The texts that all pages share, by field or outcome. */
export interface CommonTexts {
  password: string;
  showPassword: string;
  email: string;
  sendLink: string;
  back: string;
  missing: string;
  taken: string;
  short: string;
  long: string;
  weak: string;
  address: string;
  later: string;
  busy: string;
  failed: string;
  noScript: string;
}

export const PAGE_TEXTS: Readonly<Record<MailLanguage, Readonly<Record<LinkedPage, PageTexts>>>> = {
  en: {
    'reset-password': {
      title: 'Choose a new password',
      intro:
        'Setting a new password signs you out on all your devices. If you did not request this, close this page. Your password then stays the same.',
      button: 'Set new password',
      done: 'Your new password is set. You can now sign in with it.',
      invalid:
        'This link is no longer valid. It has expired or has already been used. Enter your e-mail address to get a new one.',
      sent: 'If an account has this address, a message with a new link is on its way. This may take a few minutes. Please check your spam folder as well.',
    },
    'verify-email': {
      title: 'Verify your e-mail address',
      intro: 'Please confirm that this account and its e-mail address are yours. If they are not, close this page.',
      button: 'Verify address',
      done: 'Thank you. Your e-mail address is verified.',
      invalid:
        'This link is no longer valid. It has expired or has already been used. If your address is not verified yet, enter it to get a new link.',
      sent: 'If this address still needs to be verified, a message with a new link is on its way. This may take a few minutes. Please check your spam folder as well.',
    },
    'confirm-email': {
      title: 'Confirm your new e-mail address',
      intro:
        'Your account will use this address, and we will notify your previous address. If you did not request this, close this page, and nothing will change.',
      button: 'Use this address',
      done: 'Your account now uses this address.',
      invalid:
        'This link is no longer valid. It has expired or has already been used. To change your address, sign in and request the change again.',
    },
  },
  de: {
    'reset-password': {
      title: 'Neues Passwort wählen',
      intro:
        'Wenn Sie ein neues Passwort festlegen, werden Sie auf allen Geräten abgemeldet. Falls Sie das nicht angefordert haben, schließen Sie diese Seite. Ihr Passwort bleibt dann unverändert.',
      button: 'Neues Passwort speichern',
      done: 'Ihr neues Passwort ist gespeichert. Sie können sich jetzt damit anmelden.',
      invalid:
        'Dieser Link ist nicht mehr gültig. Er ist abgelaufen oder wurde bereits verwendet. Geben Sie Ihre E-Mail-Adresse ein, um einen neuen zu erhalten.',
      sent: 'Falls es ein Konto mit dieser Adresse gibt, ist eine Nachricht mit einem neuen Link unterwegs. Das kann einige Minuten dauern. Bitte sehen Sie auch im Spam-Ordner nach.',
    },
    'verify-email': {
      title: 'E-Mail-Adresse bestätigen',
      intro:
        'Bitte bestätigen Sie, dass dieses Konto und seine E-Mail-Adresse Ihnen gehören. Falls nicht, schließen Sie diese Seite.',
      button: 'Adresse bestätigen',
      done: 'Vielen Dank, Ihre E-Mail-Adresse ist bestätigt.',
      invalid:
        'Dieser Link ist nicht mehr gültig. Er ist abgelaufen oder wurde bereits verwendet. Falls Ihre Adresse noch nicht bestätigt ist, geben Sie sie ein, um einen neuen Link zu erhalten.',
      sent: 'Falls diese Adresse noch bestätigt werden muss, ist eine Nachricht mit einem neuen Link unterwegs. Das kann einige Minuten dauern. Bitte sehen Sie auch im Spam-Ordner nach.',
    },
    'confirm-email': {
      title: 'Neue E-Mail-Adresse bestätigen',
      intro:
        'Ihr Konto verwendet danach diese Adresse, und wir benachrichtigen Ihre bisherige Adresse. Falls Sie das nicht angefordert haben, schließen Sie diese Seite. Dann ändert sich nichts.',
      button: 'Diese Adresse verwenden',
      done: 'Ihr Konto verwendet jetzt diese Adresse.',
      invalid:
        'Dieser Link ist nicht mehr gültig. Er ist abgelaufen oder wurde bereits verwendet. Um Ihre Adresse zu ändern, melden Sie sich an und fordern Sie die Änderung erneut an.',
    },
  },
};

export const COMMON_TEXTS: Readonly<Record<MailLanguage, CommonTexts>> = {
  en: {
    password: 'New password',
    showPassword: 'Show password',
    email: 'E-mail address',
    sendLink: 'Send a new link',
    back: 'Continue to the application',
    missing: 'The link is incomplete, or this page was reloaded. Please open the link in the message again.',
    taken: 'Another account already uses this e-mail address.',
    short: 'This password is too short. Use at least {minLength} characters.',
    long: 'This password is too long. Use at most 72 characters, or fewer if it contains accented letters or emoji.',
    weak: 'This password is common, known from a data breach or easy to guess. Choose another one, for example four random words.',
    address: 'Please enter a valid e-mail address.',
    later: 'Too many messages have been requested. Please try again later.',
    busy: 'The service is busy. Please try again in a moment.',
    failed: 'Something went wrong. Please check your connection and try again.',
    noScript: 'This page requires JavaScript.',
  },
  de: {
    password: 'Neues Passwort',
    showPassword: 'Passwort anzeigen',
    email: 'E-Mail-Adresse',
    sendLink: 'Neuen Link senden',
    back: 'Weiter zur Anwendung',
    missing:
      'Der Link ist unvollständig, oder diese Seite wurde neu geladen. Bitte öffnen Sie den Link in der Nachricht noch einmal.',
    taken: 'Diese E-Mail-Adresse wird bereits von einem anderen Konto verwendet.',
    short: 'Dieses Passwort ist zu kurz. Verwenden Sie mindestens {minLength} Zeichen.',
    long: 'Dieses Passwort ist zu lang. Verwenden Sie höchstens 72 Zeichen, mit Umlauten oder Emojis entsprechend weniger.',
    weak: 'Dieses Passwort ist weit verbreitet, aus einem Datenleck bekannt oder leicht zu erraten. Wählen Sie ein anderes, zum Beispiel vier zufällige Wörter.',
    address: 'Bitte geben Sie eine gültige E-Mail-Adresse ein.',
    later: 'Es wurden zu viele Nachrichten angefordert. Bitte versuchen Sie es später noch einmal.',
    busy: 'Der Dienst ist gerade ausgelastet. Bitte versuchen Sie es gleich noch einmal.',
    failed: 'Etwas ist schiefgelaufen. Bitte prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.',
    noScript: 'Für diese Seite wird JavaScript benötigt.',
  },
};
