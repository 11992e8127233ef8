/** What people call it; the first that fits, so those that also claim to be another come before it. */
const BROWSERS: readonly (readonly [expression: RegExp, name: string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [expression: RegExp, name: string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

const UNKNOWN = 'Unknown device';
const MAX_PROGRAM_LENGTH = 40;

/**
 * A name for a device that its owner recognises and that stays the same when the browser is updated: `Firefox on Linux`,
 * `curl`. The User-Agent header says what its sender likes: it tells people their devices apart, and proves nothing.
 *
 * @returns at most 100 characters
 */
export function deviceLabel(userAgent: string | null): string {
  if (userAgent === null) return UNKNOWN;
  const browser = findName(userAgent, BROWSERS);
  const system = findName(userAgent, SYSTEMS);
  if (browser && system) return `${browser} on ${system}`;
  // `okhttp/4.12.0`, `curl/8.1`: its first product (RFC 9110 section 10.1.5), unless that is what all browsers say.
  const program = /^[\w.+-]+/.exec(userAgent)?.[0];
  if (browser ?? system) return browser ?? system ?? UNKNOWN;
  return program && program !== 'Mozilla' ? program.slice(0, MAX_PROGRAM_LENGTH) : UNKNOWN;
}

function findName(userAgent: string, names: readonly (readonly [RegExp, string])[]): string | undefined {
  return names.find(([expression]) => expression.test(userAgent))?.[1];
}
