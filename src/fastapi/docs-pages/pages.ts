/**
 * The HTML of the pages that FastAPI serves. The service serves every asset itself, and no script is inline. Each
 * function takes the path that a proxy strips, or an empty string.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

export function swaggerUiPage(title: string, prefix: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="${prefix}/docs/favicon-32x32.png">
<title>${escapeHtml(title)} - Swagger UI</title>
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the document it shows is ${prefix}/openapi.json.</noscript>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script>
<script src="${prefix}/docs/swagger-initializer.js"></script>
</body>
</html>
`;
}

/**
 * FastAPI's settings of Swagger UI, and a plugin that focuses the first field of the Authorize dialog. Otherwise the
 * field for a pasted token would take the focus and scroll the dialog past the username.
 */
export function swaggerInitializer(prefix: string): string {
  return `'use strict';
const focusFirstField = ({ React }) => ({
  wrapComponents: {
    authorizationPopup: (Original) => (props) => {
      React.useEffect(() => {
        const field = document.querySelector('.auth-container input');
        if (field) field.focus();
      }, []);
      return React.createElement(Original, props);
    },
  },
});
SwaggerUIBundle({
  url: '${prefix}/openapi.json',
  dom_id: '#swagger-ui',
  layout: 'BaseLayout',
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  oauth2RedirectUrl: window.location.origin + '${prefix}/docs/oauth2-redirect',
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  plugins: [focusFirstField],
});
`;
}

/** The page to which an authorization server redirects the browser. The password flow does not use it. */
export function oauth2RedirectPage(prefix: string): string {
  return `<!DOCTYPE html>
<html lang="en-US">
<head>
<meta charset="utf-8">
<title>Swagger UI: OAuth2 Redirect</title>
</head>
<body>
<script src="${prefix}/docs/oauth2-redirect.js"></script>
</body>
</html>
`;
}

export function redocPage(title: string, prefix: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" type="image/png" href="${prefix}/docs/favicon-32x32.png">
<title>${escapeHtml(title)} - ReDoc</title>
<style>body { margin: 0; padding: 0; }</style>
</head>
<body>
<noscript>ReDoc requires Javascript to function. Please enable it to browse the documentation.</noscript>
<redoc spec-url="${prefix}/openapi.json"></redoc>
<script src="${prefix}/redoc/redoc.standalone.js"></script>
</body>
</html>
`;
}
