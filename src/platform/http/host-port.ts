/** Address and port as a URL writes them (RFC 3986 section 3.2.2). */
export function formatHostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
