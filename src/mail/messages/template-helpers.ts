import Handlebars from 'handlebars';
import { maskAddress } from './addresses.js';
import { preventAutolinks } from './autolinks.js';
import type { MailLanguage } from './mail-language.js';

/** Longest piece of a person's text that a message shows. */
const MAX_USER_TEXT = 120;

export type MailFormat = 'html' | 'txt';

/** What templates can call. Each throws for a value that is not there, which Handlebars lets pass in arguments. */
export function templateHelpers(
  language: MailLanguage,
  format: MailFormat,
): Readonly<Record<string, (value: unknown) => unknown>> {
  return {
    said: (value) => userText(text(value)),
    device: (value) => userText(formatDevice(language, text(value))),
    masked: (value) => preventAutolinks(maskAddress(text(value))),
    time: (value) => formatTime(language, value),
    duration: (value) => formatDuration(language, value),
    url: (value) => (format === 'html' ? new Handlebars.SafeString(escapedUrl(text(value))) : checkedUrl(text(value))),
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a template got no text where it needs one');
  return value;
}

/** What a person wrote, as a name: in one line, cut, and without anything that becomes a link to where its writer wants people. */
function userText(value: string): string {
  return preventAutolinks(value.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, MAX_USER_TEXT));
}

/** The list of sessions, which the database keeps, calls devices in English: `Firefox on Windows`, `Unknown device`. */
function formatDevice(language: MailLanguage, label: string): string {
  if (language === 'en') return label;
  return label === 'Unknown device' ? 'Unbekanntes Gerät' : label.replace(' on ', ' auf ');
}

/** `22 November 2026, 18:10 UTC` */
function formatTime(language: MailLanguage, value: unknown): string {
  if (!(value instanceof Date)) throw new TypeError('a template got no time where it needs one');
  const locale = language === 'en' ? 'en-GB' : language;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(value);
  return `${day}, ${value.toISOString().slice(11, 16)} UTC`;
}

/** `30 minutes`, `24 hours`: whole hours as such. */
function formatDuration(language: MailLanguage, minutes: unknown): string {
  if (typeof minutes !== 'number') throw new TypeError('a template got no duration where it needs one');
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
  if (!/^https?:\/\//.test(url)) throw new TypeError('a template got a link that is none');
  return url;
}

/** Handlebars would write `=` as an entity too, which some programs show as it stands. */
function escapedUrl(url: string): string {
  return checkedUrl(url).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
