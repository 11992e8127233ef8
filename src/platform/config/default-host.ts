import { networkInterfaces } from 'node:os';

const ALL_IPV4 = '0.0.0.0';
const ALL = '::';

/**
 * The address to listen on where APP_HOST is not set. In development it is all of IPv6 too, by one socket that serves both:
 * `localhost` is 127.0.0.1 to some programs and ::1 to others.
 */
export function defaultHost(debug: boolean, interfaces = networkInterfaces): string {
  return debug && hasIPv6(interfaces) ? ALL : ALL_IPV4;
}

/** A machine without IPv6 refuses to listen on `::`. */
function hasIPv6(interfaces: typeof networkInterfaces): boolean {
  try {
    return Object.values(interfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
  } catch {
    // Some sandboxes do not tell.
    return false;
  }
}
