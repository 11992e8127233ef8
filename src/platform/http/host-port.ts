/** Formats a host and a port as in a URL, with IPv6 addresses in brackets (RFC 3986 section 3.2.2). */
export function formatHostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
