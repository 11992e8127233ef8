import { defineError } from '../platform/http/error-catalogue.js';

export const tooManyExports = defineError({
  code: 'auth.too_many_exports',
  status: 429,
  detail: 'Too many exports. Please try again later.',
  about: 'The account was exported ten times within an hour. Wait `Retry-After` seconds.',
});
