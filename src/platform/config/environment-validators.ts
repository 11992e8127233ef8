import { ValidateBy } from 'class-validator';
import { parsePostgresUrl } from './postgres-url.js';

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
    validator: { validate: (value: unknown) => typeof value === 'string' && parsePostgresUrl(value) !== undefined },
  });
}
