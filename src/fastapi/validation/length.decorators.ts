import { ValidateBy } from 'class-validator';

/** Code points, as Python and PostgreSQL count; validator.js takes variation selectors for nothing. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** At least `min` code points; constraint `minLength`. */
export function MinCodePoints(min: number): PropertyDecorator {
  return ValidateBy({
    name: 'minLength',
    constraints: [min],
    validator: { validate: (value: unknown) => typeof value === 'string' && codePoints(value) >= min },
  });
}

/** At most `max` code points; constraint `maxLength`. */
export function MaxCodePoints(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxLength',
    constraints: [max],
    // No text has more code points than UTF-16 units: a long one is counted only where it may pass.
    validator: {
      validate: (value: unknown) => typeof value === 'string' && (value.length <= max || codePoints(value) <= max),
    },
  });
}
