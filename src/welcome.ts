/** What a person who starts the service for the first time wants to know, ready to copy. */
export function welcome(url: string): string {
  return `
  Swagger UI  ${url}/docs
  ReDoc       ${url}/redoc

  Register, sign in and read your account:

  curl -s ${url}/api/v1/auth/register -H 'Content-Type: application/json' -d '{"username":"john","password":"secure123","email":"john@example.com"}'
  TOKEN=$(curl -s ${url}/api/v1/auth/login -d 'username=john&password=secure123' | grep -o '"access_token":"[^"]*' | cut -d'"' -f4)
  curl -s ${url}/api/v1/users/me -H "Authorization: Bearer $TOKEN"

`;
}
