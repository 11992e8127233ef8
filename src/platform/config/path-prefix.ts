const MAX_LENGTH = 200;
const SEGMENTS = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * A path that a proxy strips, such as `/auth`. Only unreserved characters are allowed (RFC 3986 section 2.3), because
 * it becomes part of pages, scripts and headers.
 *
 * @returns the path without a slash at its end, or undefined for any other text
 */
export function parsePathPrefix(text: string): string | undefined {
  const path = text.endsWith('/') ? text.slice(0, -1) : text;
  return path.length <= MAX_LENGTH && SEGMENTS.test(path) && !DOT_SEGMENT.test(path) ? path : undefined;
}
