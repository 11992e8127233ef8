import { type ErrorType, errorCatalogue } from '../../platform/http/error-catalogue.js';
import { invalidToken } from './fastapi.errors.js';
import { ERRORS_PAGE, problemType } from './problem-details.js';

/** All declared errors, grouped by the part of their code before the dot. Both are sorted alphabetically. */
export function errorsByFeature(): ReadonlyMap<string, readonly ErrorType[]> {
  const features = new Map<string, ErrorType[]>();
  for (const type of errorCatalogue()) {
    const feature = type.code.slice(0, type.code.indexOf('.'));
    features.set(feature, [...(features.get(feature) ?? []), type]);
  }
  return features;
}

const INTRODUCTION = `# Errors

<!-- Generated from the \`defineError\` declarations in the source by \`npm run openapi:write\`. -->

This reference lists every error of the API: its code, its status, its cause and what a client should do. The meaning of a code
never changes. A running service shows the same list at \`${ERRORS_PAGE}\` (with \`DOCS_ENABLED\`).

## What a client should do

- **401**: sign in again. Every 401 has the header \`WWW-Authenticate: Bearer\`.
- **422**: show each message next to its field.
- **429, 503**: wait for the seconds in \`Retry-After\`, then try again.
- **500**: report it with the \`X-Request-ID\` of the response.

## Two formats

By default, an error has FastAPI's format in \`application/json\`:

\`\`\`console
$ curl -s localhost:8001/api/v1/users/me -H 'Authorization: Bearer x'
{"detail":"${invalidToken.detail}"}
\`\`\`

A client that prefers \`application/problem+json\` in \`Accept\` gets problem details (RFC 9457), with the code and the id of the
request:

\`\`\`console
$ curl -s localhost:8001/api/v1/users/me -H 'Authorization: Bearer x' -H 'Accept: application/problem+json'
{"type":"${problemType(invalidToken.code)}","title":"${invalidToken.title}","status":${invalidToken.status},"detail":"${invalidToken.detail}","instance":"urn:uuid:019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88","code":"${invalidToken.code}","request_id":"019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88"}
\`\`\`

| member | meaning |
|---|---|
| \`type\` | the address of the description: \`${ERRORS_PAGE}\` with the code as the fragment, after any path that a proxy strips |
| \`title\` | a short name of the error, always the same |
| \`status\` | the HTTP status |
| \`detail\` | a description of this occurrence: the text of FastAPI's format; in a 422, one sentence for each invalid field |
| \`instance\` | this occurrence: \`urn:uuid:\` and the id of the request; absent if the client chose an id that is not a UUID |
| \`code\` | the code; use it, not the texts, to distinguish errors |
| \`request_id\` | the \`X-Request-ID\` of the response, under which the log has the request |
| \`errors\` | in a 422, FastAPI's list: each entry has \`type\`, \`loc\`, \`msg\`, \`input\` and sometimes \`ctx\` |

The status and the headers are the same in both formats. Successful responses are \`application/json\`, whatever \`Accept\` says.

## How the format is chosen

A response has problem details if \`Accept\` names \`application/problem+json\` and does not give \`application/json\` the same or a
higher weight (\`q\`). Generated clients name both with the same weight and expect FastAPI's format. The wildcards
\`application/*\` and \`*/*\` name neither.

| \`Accept\` | format |
|---|---|
| none, \`*/*\`, \`application/json\`, \`application/json, text/plain, */*\` | FastAPI's |
| \`application/problem+json\` | problem details |
| \`application/problem+json, */*\` | problem details |
| \`application/json;q=0.9, application/problem+json\` | problem details |
| \`application/json, application/problem+json\`, in either order | FastAPI's |
| \`application/problem+json;q=0\` | FastAPI's |

Errors have the headers \`Vary: Origin, Accept\` and \`Cache-Control: no-store\`. Errors for malformed HTTP (400, 408 and 431) always
have FastAPI's format, because the headers of the request were not read. A response to \`HEAD\` has only headers.
`;

/** `docs/errors.md`. */
export function errorsDocument(): string {
  const lines = ['<!-- commands: run by test/e2e/problem-json.test.ts -->\n', INTRODUCTION];
  for (const [feature, types] of errorsByFeature()) {
    lines.push(`## ${feature}`, '', '| code | status | detail | cause and remedy |', '|---|---|---|---|');
    for (const { code, status, detail, about } of types) {
      const cells = [`<a id="${code}"></a>\`${code}\``, String(status), detail, about];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}
