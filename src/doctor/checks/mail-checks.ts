import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, fail, failInProduction, pass, type Verdict, warn } from './finding.js';

/** Checks of the SMTP server, the sender and the links in messages. Without SMTP_HOST, most of them do not apply. */
export const mailChecks: Checks = {
  mail,
  'mail-encryption': mailEncryption,
  'mail-sender': (facts) => {
    const { SMTP_HOST, MAIL_FROM } = facts.settings.environment;
    if (!SMTP_HOST) return undefined;
    return /\.localdomain>?$/.test(MAIL_FROM)
      ? failInProduction(
          facts,
          `messages come from ${MAIL_FROM}, which mail servers reject`,
          'Set MAIL_FROM to an address in a domain whose SPF and DKIM records authorize your mail server.',
        )
      : pass(`messages come from ${MAIL_FROM}`);
  },
  'public-url': publicUrl,
};

function mail(facts: Facts): Verdict {
  const { environment, unreadable } = facts.settings;
  const { SMTP_HOST, DEBUG, EMAIL_VERIFICATION } = environment;
  const remedy = 'Set SMTP_HOST and the other SMTP settings: docs/operations/mail.md.';
  if (unreadable.has('SMTP_HOST')) return warn('not checked: SMTP_HOST is invalid', remedy);
  if (!SMTP_HOST) {
    const found = 'SMTP_HOST is not set: messages are written to DATA_DIR/mail';
    if (DEBUG) return pass(found);
    return EMAIL_VERIFICATION === 'required'
      ? fail(`${found}, and new users cannot sign in (EMAIL_VERIFICATION=required)`, remedy)
      : warn(`${found}, and users do not receive password reset links`, remedy);
  }
  const { mailServer } = facts;
  if (!mailServer) return warn('not checked: the SMTP settings are invalid', remedy);
  const { endpoint, refusal } = mailServer;
  return refusal === undefined
    ? pass(`${endpoint} accepts messages`)
    : failInProduction(facts, `${endpoint} rejects messages: ${refusal}`, remedy);
}

function mailEncryption(facts: Facts): Verdict | undefined {
  const { SMTP_HOST, SMTP_TLS, SMTP_USER } = facts.settings.environment;
  if (!SMTP_HOST) return undefined;
  if (SMTP_TLS !== 'off') return pass(`the connection to the SMTP server is encrypted (${SMTP_TLS})`);
  if (isLoopback(SMTP_HOST)) return pass('the SMTP server is on this machine');
  const remedy = 'Set SMTP_TLS=starttls (port 587) or SMTP_TLS=tls (port 465).';
  return SMTP_USER
    ? failInProduction(facts, `SMTP_TLS is off: the password of ${SMTP_USER} is sent unencrypted`, remedy)
    : warn('SMTP_TLS is off: links that give access to accounts are sent unencrypted', remedy);
}

const PUBLIC_URL_REMEDY = 'Set PUBLIC_URL to the address that users see in their browser.';

/** Without PUBLIC_URL there is no substitute, because the client chooses the Host header. */
function unsetPublicUrl({ settings: { environment, unreadable } }: Facts): Verdict | undefined {
  if (environment.isPublicUrlSet || environment.DEBUG || unreadable.has('PUBLIC_URL')) return undefined;
  return warn(
    'PUBLIC_URL is not set: pages on its own origin cannot keep a refresh token in a cookie, and redirects behind a proxy are relative',
    PUBLIC_URL_REMEDY,
  );
}

function publicUrl(facts: Facts): Verdict | undefined {
  const { PUBLIC_URL, SMTP_HOST } = facts.settings.environment;
  if (!SMTP_HOST) return unsetPublicUrl(facts);
  const { protocol, hostname } = new URL(PUBLIC_URL);
  const remedy = PUBLIC_URL_REMEDY;
  if (isLoopback(hostname.replace(/^\[(.+)\]$/, '$1')))
    return failInProduction(facts, `links in messages lead to ${PUBLIC_URL}, the machine of the recipient`, remedy);
  return protocol === 'http:'
    ? failInProduction(
        facts,
        `links in messages lead to ${PUBLIC_URL}, without TLS: anyone on the network path can use them`,
        remedy,
      )
    : pass(`links in messages lead to ${PUBLIC_URL}`);
}
