import { ValidateBy } from 'class-validator';

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

/** `postgres://` or `postgresql://`, also with the driver that SQLAlchemy puts in the scheme (`postgresql+asyncpg`). */
export function IsPostgresUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isPostgresUrl',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && /^postgres(ql)?(\+\w+)?:\/\//.test(value) && URL.canParse(value),
    },
  });
}
