import { type ErrorType, errorCatalogue } from '../../platform/http/error-catalogue.js';
import { invalidToken } from './fastapi.errors.js';
import { ERRORS_PAGE, problemType } from './problem-details.js';

/** All declared errors by what stands before the dot of their codes, both in the order of the alphabet. */
export function errorsByFeature(): ReadonlyMap<string, readonly ErrorType[]> {
  const features = new Map<string, ErrorType[]>();
  for (const type of errorCatalogue()) {
    const feature = type.code.slice(0, type.code.indexOf('.'));
    features.set(feature, [...(features.get(feature) ?? []), type]);
  }
  return features;
}

const INTRODUCTION = `# Errors

<!-- Generated from what the source declares with \`defineError\` by \`npm run openapi:write\`. -->

Every error has a status, a text for people and a code for programs. The codes below are all there are; a code never
changes its meaning. A running service shows the same list at \`${ERRORS_PAGE}\` (with \`DOCS_ENABLED\`).

## Two shapes

Without being asked for anything else the service answers as FastAPI does, in \`application/json\`:

\`\`\`console
$ curl -s localhost:8001/api/v1/users/me -H 'Authorization: Bearer x'
{"detail":"${invalidToken.detail}"}
\`\`\`

A client that prefers \`application/problem+json\` in \`Accept\` gets problem details (RFC 9457), which include the code and
the id of the request:

\`\`\`console
$ curl -s localhost:8001/api/v1/users/me -H 'Authorization: Bearer x' -H 'Accept: application/problem+json'
{"type":"${problemType(invalidToken.code)}","title":"${invalidToken.title}","status":${invalidToken.status},"detail":"${invalidToken.detail}","instance":"urn:uuid:019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88","code":"${invalidToken.code}","request_id":"019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88"}
\`\`\`

| member | holds |
|---|---|
| \`type\` | the address of the description: \`${ERRORS_PAGE}\` with the code as the fragment, after the path that a proxy strips; to distinguish errors, compare \`code\` |
| \`title\` | the kind in a few words, the same each time |
| \`status\` | the HTTP status |
| \`detail\` | what is the matter this time: the text of FastAPI's shape, or for a 422 one sentence for each wrong field |
| \`instance\` | this occurrence, \`urn:uuid:\` and the id of the request; absent where the client chose an id that is no UUID |
| \`code\` | the code; decide by it, not by texts |
| \`request_id\` | the \`X-Request-ID\` of the answer, under which the log has the request |
| \`errors\` | of a 422: FastAPI's list, each with \`type\`, \`loc\`, \`msg\`, \`input\` and sometimes \`ctx\` |

Status and headers are the same in both shapes; successes are \`application/json\` whatever was asked for.

## Which one is chosen

\`Accept\` must name \`application/problem+json\`. If it also names \`application/json\`, the weight (\`q\`) of
\`application/problem+json\` must be higher: generated clients name both with the same weight and expect FastAPI's shape. The
wildcards \`application/*\` and \`*/*\` name neither.

| \`Accept\` | shape |
|---|---|
| none, \`*/*\`, \`application/json\`, \`application/json, text/plain, */*\` | FastAPI's |
| \`application/problem+json\` | problem details |
| \`application/problem+json, */*\` | problem details |
| \`application/json;q=0.9, application/problem+json\` | problem details |
| \`application/json, application/problem+json\`, in either order | FastAPI's |
| \`application/problem+json;q=0\` | FastAPI's |

Errors say \`Vary: Origin, Accept\` and \`Cache-Control: no-store\`. What is refused before it was read as a request (400, 408
and 431 of broken HTTP) cannot have asked for anything and has FastAPI's shape. An answer to \`HEAD\` has the headers alone.

## What to do

- **401**: sign in again. \`WWW-Authenticate: Bearer\` stands on every one.
- **422**: show each message beside its field.
- **429, 503**: wait for the seconds in \`Retry-After\`, then try again.
- **500**: report it with the \`X-Request-ID\`.
`;

/** `docs/errors.md`. */
export function errorsDocument(): string {
  const lines = ['<!-- commands: run by test/e2e/problem-json.test.ts -->\n', INTRODUCTION];
  for (const [feature, types] of errorsByFeature()) {
    lines.push(`## ${feature}`, '', '| code | status | detail | when, and what to do |', '|---|---|---|---|');
    for (const { code, status, detail, about } of types) {
      const cells = [`<a id="${code}"></a>\`${code}\``, String(status), detail, about];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}
