const LONGEST = 200;
const SEGMENTS = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * A path that a proxy strips before the service sees the rest, as `/auth`. Unreserved characters alone (RFC 3986 section
 * 2.3): it becomes part of pages, scripts and headers.
 *
 * @returns the path without a slash at its end, or undefined for text that is no such path
 */
export function parsePathPrefix(text: string): string | undefined {
  const path = text.endsWith('/') ? text.slice(0, -1) : text;
  return path.length <= LONGEST && SEGMENTS.test(path) && !DOT_SEGMENT.test(path) ? path : undefined;
}
