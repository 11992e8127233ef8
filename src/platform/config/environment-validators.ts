import { ValidateBy } from 'class-validator';
import { problemOfOptions } from './connection-parameters.js';
import { parsePathPrefix } from './path-prefix.js';
import { problemOfPostgresUrl } from './postgres-url.js';
import { isWebOrigin } from './web-origin.js';

/** A list of web origins and `*`. */
export function EachIsOrigin(): PropertyDecorator {
  return ValidateBy({
    name: 'eachIsOrigin',
    validator: { validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin) },
  });
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && (value === '*' || isWebOrigin(value));
}

/** An http or https URL that may end in the path that a proxy strips, never in a slash. */
export function IsPublicUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isPublicUrl',
    validator: { validate: (value: unknown) => typeof value === 'string' && isPublicUrl(value) },
  });
}

function isPublicUrl(text: string): boolean {
  const match = /^https?:\/\/[^\s/?#]+(\/.*)?$/.exec(text);
  if (!match || !URL.canParse(text)) return false;
  const [, path = ''] = match;
  return path === '' || parsePathPrefix(path) === path;
}

/** Schemes whose addresses a browser runs as a script or shows as a local page. */
const UNSAFE_SCHEMES = new Set(['javascript:', 'vbscript:', 'data:', 'blob:', 'file:', 'filesystem:', 'view-source:']);
const MAX_URL_LENGTH = 2000;

/** A link target: an http or https URL, or one with an application's private scheme (RFC 8252 section 7.1). */
export function IsAppUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isAppUrl',
    validator: { validate: (value: unknown) => typeof value === 'string' && isAppUrl(value) },
  });
}

function isAppUrl(text: string): boolean {
  if (text.length > MAX_URL_LENGTH || !/^[a-z][a-z0-9+.-]*:\/\S*$/i.test(text) || !URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return /^https?:$/.test(protocol) ? /^https?:\/\//i.test(text) : !UNSAFE_SCHEMES.has(protocol);
}

/** A connection URL that `parsePostgresUrl` reads. */
export function IsPostgresUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isPostgresUrl',
    validator: { validate: (value: unknown) => typeof value === 'string' && problemOfPostgresUrl(value) === undefined },
  });
}

/** Command-line options of PostgreSQL that `parseOptions` reads. */
export function IsPostgresOptions(): PropertyDecorator {
  return ValidateBy({
    name: 'isPostgresOptions',
    validator: { validate: (value: unknown) => typeof value === 'string' && problemOfOptions(value) === undefined },
  });
}
