export type MailLanguage = 'en' | 'de';

export const MAIL_LANGUAGES: readonly MailLanguage[] = ['en', 'de'];

/** A language range with its weight (RFC 9110 section 12.5.4, RFC 4647 section 2.1). */
const WEIGHTED_RANGE = /^\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/**
 * In which language to write to somebody: by RFC 4647's look-up, the first range by weight that one of the languages
 * fits, where `de-AT` finds `de`. What is no range counts as not said.
 *
 * @param accepted the Accept-Language header; null where none was sent
 * @param fallback MAIL_LANGUAGE: also what `*` means
 */
export function languageOf(accepted: string | null, fallback: MailLanguage): MailLanguage {
  const ranges = (accepted ?? '').split(',').flatMap((text) => {
    const [, range, weight = '1'] = WEIGHTED_RANGE.exec(text) ?? [];
    return range
      ? [{ language: range.toLowerCase().split('-')[0], isWhole: !range.includes('-'), weight: Number(weight) }]
      : [];
  });
  // A weight of 0 refuses a language, but `de-AT;q=0` only one way of writing it.
  const refused = new Set(
    ranges.filter(({ weight, isWhole }) => weight === 0 && isWhole).map(({ language }) => language),
  );
  const welcome = [fallback, ...MAIL_LANGUAGES].filter((language) => !refused.has(language));
  const byWeight = ranges.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  for (const { language } of byWeight) {
    const found = language === '*' ? welcome[0] : welcome.find((known) => known === language);
    if (found) return found;
  }
  return fallback;
}
