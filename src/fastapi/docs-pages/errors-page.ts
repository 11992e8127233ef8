import type { ErrorType } from '../../platform/http/error-catalogue.js';
import { errorsByFeature } from '../errors/error-documents.js';
import { escapeHtml } from './pages.js';

/** The page that the `type` of problem details points to. It lists every error, with its code as the fragment. */
export function errorsPage(title: string, prefix: string): string {
  const tables = [...errorsByFeature()].map(([feature, types]) => tableOf(feature, types));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" type="image/png" href="${prefix}/docs/favicon-32x32.png">
<title>${escapeHtml(title)} - Errors</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .5rem; text-align: left; vertical-align: top; }
tr:target { outline: 2px solid #3b82f6; }
td { overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
@media (max-width: 45rem) {
  thead { display: none; }
  tr, td { display: block; }
  tr { border-bottom: 1px solid #8886; padding: .5rem 0; }
  td, td:first-child { border: 0; padding: .125rem 0; white-space: normal; }
}
</style>
</head>
<body>
<h1>Errors</h1>
<p>All errors of this service, by the code in <code>application/problem+json</code>.
The <a href="${prefix}/docs">documentation of the API</a> lists the operations and their responses.</p>
${tables.join('\n')}
</body>
</html>
`;
}

function tableOf(feature: string, types: readonly ErrorType[]): string {
  const rows = types.map(
    ({ code, status, detail, about }) =>
      `<tr id="${escapeHtml(code)}"><td><code>${escapeHtml(code)}</code></td><td>${status}</td>` +
      `<td>${escapeHtml(detail)}</td><td>${inlineCode(escapeHtml(about))}</td></tr>`,
  );
  return `<h2>${escapeHtml(feature)}</h2>
<table>
<thead><tr><th>code</th><th>status</th><th>detail</th><th>cause and remedy</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function inlineCode(html: string): string {
  return html.replace(/`([^`]+)`/g, '<code>$1</code>');
}
