/** The first match counts. Browsers that also claim to be another one come before that one. */
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
 * A name by which owners recognise a device, such as `Firefox on Linux` or `curl`. It stays the same when the browser is
 * updated. Clients can send any User-Agent header, so the label proves nothing.
 *
 * @returns at most 100 characters
 */
export function deviceLabel(userAgent: string | null): string {
  if (userAgent === null) return UNKNOWN;
  const browser = findName(userAgent, BROWSERS);
  const system = findName(userAgent, SYSTEMS);
  if (browser && system) return `${browser} on ${system}`;
  // The first product of the header (RFC 9110 section 10.1.5), as in `okhttp/4.12.0`. All browsers send `Mozilla`.
  const program = /^[\w.+-]+/.exec(userAgent)?.[0];
  if (browser ?? system) return browser ?? system ?? UNKNOWN;
  return program && program !== 'Mozilla' ? program.slice(0, MAX_PROGRAM_LENGTH) : UNKNOWN;
}

function findName(userAgent: string, names: readonly (readonly [RegExp, string])[]): string | undefined {
  return names.find(([expression]) => expression.test(userAgent))?.[1];
}
