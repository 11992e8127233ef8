import { ValidateBy } from 'class-validator';
import { problemOfOptions } from './connection-parameters.js';
import { problemOfPostgresUrl } from './postgres-url.js';

/** A list whose every item is an exact web origin (RFC 6454 section 6.2), or `*`. `null` is none: sandboxed frames send it. */
export function EachIsOrigin(): PropertyDecorator {
  return ValidateBy({
    name: 'eachIsOrigin',
    validator: { validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin) },
  });
}

function isOrigin(value: unknown): boolean {
  if (value === '*') return true;
  if (typeof value !== 'string' || !/^https?:/.test(value)) return false;
  return URL.canParse(value) && new URL(value).origin === value;
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
