import { ValidateBy } from 'class-validator';
import { parseEmailAddress } from './email-address.js';

/** Requires an e-mail address. The constraint is `isEmailAddress`. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: { validate: (value: unknown) => typeof value === 'string' && parseEmailAddress(value).ok },
  });
}

/** The reason why a value is not an e-mail address, as python-email-validator words it. Empty for a valid address. */
export function emailReason(value: unknown): string {
  const result = parseEmailAddress(String(value));
  return result.ok ? '' : result.reason;
}

/** The address as it is stored: trimmed, with the domain in lower case. Returns invalid text unchanged. */
export function normalizeEmail(text: string): string {
  const result = parseEmailAddress(text);
  return result.ok ? result.address : text;
}
