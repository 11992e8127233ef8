import { ValidateBy } from 'class-validator';
import { parsePostgresUrl } from './postgres-url.js';
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

/** A connection URL that `parsePostgresUrl` reads. */
export function IsPostgresUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isPostgresUrl',
    validator: { validate: (value: unknown) => typeof value === 'string' && parsePostgresUrl(value) !== undefined },
  });
}
