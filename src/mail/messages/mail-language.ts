import { weightedValues } from '../../platform/http/accept-header.js';

export type MailLanguage = 'en' | 'de';

export const MAIL_LANGUAGES: readonly MailLanguage[] = ['en', 'de'];

/** RFC 4647 section 2.1. */
const LANGUAGE_RANGE = /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/;

/**
 * The language of a message: the first range by weight that matches one of the languages, where `de-AT` matches `de`
 * (lookup, RFC 4647 section 3.4). Malformed ranges are ignored.
 *
 * @param accepted the Accept-Language header, if the client sent one
 * @param fallback MAIL_LANGUAGE, which `*` also selects
 */
export function languageOf(accepted: string | null, fallback: MailLanguage): MailLanguage {
  const ranges = weightedValues(accepted ?? '').filter(({ value }) => LANGUAGE_RANGE.test(value));
  // `de;q=0` excludes German; `de-AT;q=0` excludes only Austrian German.
  const excluded = new Set(ranges.filter(({ weight }) => weight === 0).map(({ value }) => value));
  const acceptable = [fallback, ...MAIL_LANGUAGES].filter((language) => !excluded.has(language));
  const byWeight = ranges.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  for (const { value } of byWeight) {
    const found = acceptable.find((language) => value === '*' || language === value.split('-', 1)[0]);
    if (found) return found;
  }
  return fallback;
}
