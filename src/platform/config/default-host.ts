import { networkInterfaces } from 'node:os';

const ALL_IPV4 = '0.0.0.0';
const ALL = '::';

/**
 * The address to listen on if APP_HOST is not set. In development one socket serves IPv4 and IPv6, because `localhost`
 * is 127.0.0.1 for some programs and ::1 for others.
 */
export function defaultHost(debug: boolean, interfaces = networkInterfaces): string {
  return debug && hasIPv6(interfaces) ? ALL : ALL_IPV4;
}

/** A machine without IPv6 refuses to listen on `::`. */
function hasIPv6(interfaces: typeof networkInterfaces): boolean {
  try {
    return Object.values(interfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
  } catch {
    // Some sandboxes do not list their interfaces.
    return false;
  }
}
