import { ValidateBy } from 'class-validator';

/** The length in code points, as in Python and PostgreSQL. validator.js does not count variation selectors. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Requires at least `min` code points. The constraint is `minLength`. */
export function MinCodePoints(min: number): PropertyDecorator {
  return ValidateBy({
    name: 'minLength',
    constraints: [min],
    validator: { validate: (value: unknown) => typeof value === 'string' && codePoints(value) >= min },
  });
}

/** Requires at most `max` code points. The constraint is `maxLength`. */
export function MaxCodePoints(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxLength',
    constraints: [max],
    // A string never has more code points than code units, so a short one need not be counted.
    validator: {
      validate: (value: unknown) => typeof value === 'string' && (value.length <= max || codePoints(value) <= max),
    },
  });
}
