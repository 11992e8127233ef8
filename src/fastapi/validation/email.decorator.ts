import { ValidateBy } from 'class-validator';
import { parseEmailAddress } from './email-address.js';

/** The value is an e-mail address; constraint `isEmailAddress`. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: { validate: (value: unknown) => typeof value === 'string' && parseEmailAddress(value).ok },
  });
}

/** Why a value is no e-mail address, in the words of python-email-validator. */
export function emailReason(value: unknown): string {
  const result = parseEmailAddress(String(value));
  return result.ok ? '' : result.reason;
}

/** The address as it is kept: trimmed, the domain in lower case; a text that is none stays as it is. */
export function normalizeEmail(text: string): string {
  const result = parseEmailAddress(text);
  return result.ok ? result.address : text;
}
