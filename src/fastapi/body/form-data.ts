import { FormError, type FormFields } from './form-fields.js';
import { parseParameterizedHeader } from './header-parameters.js';
import { decodeMultipart } from './multipart.js';
import { decodeUrlencoded } from './urlencoded.js';

/**
 * Decodes a whole request body as a form, as Starlette 1.3 does. Keeps all values, including repeated and empty ones.
 * Returns an empty form for any other media type, and ignores a charset parameter. Starlette's limit of 1 MiB per field
 * is not applied, because the limit on the body is far below it.
 * @param contentType the Content-Type header, '' when absent
 * @throws FormError exactly when Starlette answers 400
 */
export function decodeForm(body: Buffer, contentType: string): FormFields {
  const { value: mediaType, parameters } = parseParameterizedHeader(contentType);
  if (mediaType === 'application/x-www-form-urlencoded') return decodeUrlencoded(body);
  if (mediaType !== 'multipart/form-data') return new Map();
  const boundary = parameters.get('boundary');
  if (boundary === undefined) throw new FormError('Missing boundary in multipart.');
  return decodeMultipart(body, boundary);
}
