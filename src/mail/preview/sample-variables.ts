import type { LinkedPage } from '../messages/links.js';
import type { MailTemplate, MailVariables } from '../messages/mail-variables.js';

const AT = new Date('2026-11-22T18:10:00Z');
const USERNAME = 'john';

/**
 * Sample variables for every message.
 *
 * @param linkTo builds the link to a page
 */
export function sampleVariables(linkTo: (page: LinkedPage) => string): {
  [Template in MailTemplate]: MailVariables[Template];
} {
  return {
    welcome: { username: USERNAME },
    'verify-email': { username: USERNAME, link: linkTo('verify-email'), validMinutes: 24 * 60 },
    'reset-password': { username: USERNAME, link: linkTo('reset-password'), validMinutes: 30 },
    'password-changed': { username: USERNAME, at: AT },
    'confirm-email-change': { username: USERNAME, link: linkTo('confirm-email'), validMinutes: 60 },
    'email-changed': { username: USERNAME, at: AT, newEmail: 'john.doe@example.com' },
    'username-changed': { username: USERNAME, at: AT },
    'account-deleted': { username: USERNAME, at: AT },
    'new-sign-in': { username: USERNAME, at: AT, device: 'Firefox on Windows', address: '203.0.113.7' },
  };
}
