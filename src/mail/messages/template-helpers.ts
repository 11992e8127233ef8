import Handlebars from 'handlebars';
import { maskAddress } from './addresses.js';
import { preventAutolinks } from './autolinks.js';
import type { MailLanguage } from './mail-language.js';

/** Maximum length of a user's text in a message. */
const MAX_USER_TEXT = 120;

export type MailFormat = 'html' | 'txt';

/** The helpers of the templates. Each throws for a missing value, which Handlebars accepts in arguments. */
export function templateHelpers(
  language: MailLanguage,
  format: MailFormat,
): Readonly<Record<string, (value: unknown) => unknown>> {
  return {
    plain: (value) => userText(text(value)),
    device: (value) => userText(formatDevice(language, text(value))),
    masked: (value) => preventAutolinks(maskAddress(text(value))),
    time: (value) => formatTime(language, value),
    duration: (value) => formatDuration(language, value),
    url: (value) => (format === 'html' ? new Handlebars.SafeString(escapedUrl(text(value))) : checkedUrl(text(value))),
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a template helper expects a string');
  return value;
}

/** Text from a user, such as a name: one line of bounded length that mail programs do not turn into a link. */
function userText(value: string): string {
  return preventAutolinks(value.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, MAX_USER_TEXT));
}

/** Translates the English label of a stored session: `Firefox on Windows`, `Unknown device`. */
function formatDevice(language: MailLanguage, label: string): string {
  if (language === 'en') return label;
  return label === 'Unknown device' ? 'Unbekanntes Gerät' : label.replace(' on ', ' auf ');
}

/** `22 November 2026 at 18:10 UTC`, `22. November 2026 um 18:10 Uhr (UTC)` */
function formatTime(language: MailLanguage, value: unknown): string {
  if (!(value instanceof Date)) throw new TypeError('a template helper expects a date');
  const locale = language === 'en' ? 'en-GB' : language;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(value);
  const time = value.toISOString().slice(11, 16);
  return language === 'en' ? `${day} at ${time} UTC` : `${day} um ${time} Uhr (UTC)`;
}

/** `30 minutes`, `24 hours`: a whole number of hours is shown in hours. */
function formatDuration(language: MailLanguage, minutes: unknown): string {
  if (typeof minutes !== 'number') throw new TypeError('a template helper expects a number of minutes');
  const isHours = minutes % 60 === 0;
  const unit = isHours ? 'hour' : 'minute';
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    isHours ? minutes / 60 : minutes,
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function checkedUrl(url: string): string {
  if (!/^https?:\/\//.test(url)) throw new TypeError('a template helper expects an http or https URL');
  return url;
}

/** Handlebars would also escape `=`, and some mail programs show that entity literally. */
function escapedUrl(url: string): string {
  return checkedUrl(url).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
