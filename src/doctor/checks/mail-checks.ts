import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, fail, failInProduction, pass, type Verdict, warn } from './finding.js';

/** Whether messages leave, and whether people can use and trust them. Without a server there is nothing to say of the rest. */
export const mailChecks: Checks = {
  mail,
  'mail-encryption': mailEncryption,
  'mail-sender': (facts) => {
    const { SMTP_HOST, MAIL_FROM } = facts.settings.environment;
    if (!SMTP_HOST) return undefined;
    return /\.localdomain>?$/.test(MAIL_FROM)
      ? failInProduction(
          facts,
          `messages come from ${MAIL_FROM}, which no mail server believes`,
          'Set MAIL_FROM to an address of a domain whose SPF and DKIM records name your mail server.',
        )
      : pass(`messages come from ${MAIL_FROM}`);
  },
  'public-url': publicUrl,
};

function mail(facts: Facts): Verdict {
  const { environment, unreadable } = facts.settings;
  const { SMTP_HOST, DEBUG, EMAIL_VERIFICATION } = environment;
  const remedy = 'Set SMTP_HOST and the other SMTP settings: docs/operations/mail.md.';
  if (unreadable.has('SMTP_HOST')) return warn('not checked: SMTP_HOST cannot be read', remedy);
  if (!SMTP_HOST) {
    const found = 'SMTP_HOST is not set: messages are written to DATA_DIR/mail';
    if (DEBUG) return pass(found);
    return EMAIL_VERIFICATION === 'required'
      ? fail(`${found}, and nobody new can sign in (EMAIL_VERIFICATION=required)`, remedy)
      : warn(`${found}, and nobody gets the link of a forgotten password`, remedy);
  }
  const { mailServer } = facts;
  if (!mailServer) return warn('not checked: the settings of the SMTP server cannot be read', remedy);
  const { place, refusal } = mailServer;
  return refusal === undefined
    ? pass(`${place} would take a message`)
    : failInProduction(facts, `${place} would take no message: ${refusal}`, remedy);
}

function mailEncryption(facts: Facts): Verdict | undefined {
  const { SMTP_HOST, SMTP_TLS, SMTP_USER } = facts.settings.environment;
  if (!SMTP_HOST) return undefined;
  if (SMTP_TLS !== 'off') return pass(`messages are encrypted on their way to the SMTP server (${SMTP_TLS})`);
  if (isLoopback(SMTP_HOST)) return pass('the SMTP server is on this machine');
  const remedy = 'Set SMTP_TLS=starttls (port 587) or SMTP_TLS=tls (port 465).';
  return SMTP_USER
    ? failInProduction(facts, `SMTP_TLS is off: the password of ${SMTP_USER} travels in the clear`, remedy)
    : warn('SMTP_TLS is off: links that give access to accounts travel in the clear', remedy);
}

const PUBLIC_URL_REMEDY = 'Set PUBLIC_URL to the address that people have in their browser.';

/** There is no substitute: the client chooses the Host header. */
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
    return failInProduction(facts, `links in messages lead to ${PUBLIC_URL}, the reader's own machine`, remedy);
  return protocol === 'http:'
    ? failInProduction(
        facts,
        `links in messages lead to ${PUBLIC_URL}, without TLS: whoever is on the way gets in`,
        remedy,
      )
    : pass(`links in messages lead to ${PUBLIC_URL}`);
}
