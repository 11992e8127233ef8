export interface WelcomeOptions {
  /** Whether /docs and /redoc are served. */
  docs: boolean;
}

/** The message at the first start: the pages, and commands to copy. */
export function welcome(url: string, { docs }: WelcomeOptions): string {
  const pages = docs ? `  Swagger UI  ${url}/docs\n  ReDoc       ${url}/redoc\n\n` : '';
  return `
${pages}  Register, sign in and read your account:

  curl -s ${url}/api/v1/auth/register -H 'Content-Type: application/json' -d '{"username":"john","password":"secure123","email":"john@example.com"}'; echo
  TOKEN=$(curl -s ${url}/api/v1/auth/login -d 'username=john&password=secure123' | grep -o '"access_token":"[^"]*' | cut -d'"' -f4)
  curl -s ${url}/api/v1/users/me -H "Authorization: Bearer $TOKEN"; echo

`;
}

/** The origin for a browser on this machine, or for other machines too if the service listens on one address only. */
export function originOf(host: string, port: number): string {
  const local = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host);
  const name = local ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return port === 80 ? `http://${name}` : `http://${name}:${port}`;
}
