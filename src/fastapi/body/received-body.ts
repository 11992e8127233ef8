import type { FastifyRequest } from 'fastify';
import { unreadableBody } from '../errors/fastapi.errors.js';
import { jsonInvalid } from '../errors/validation-error.js';
import { decodeJson, decodeJsonText } from '../json/json-document.js';
import { JsonSyntaxError, UnreadableBodyError } from '../json/json-errors.js';
import { decodeForm } from './form-data.js';
import { FormError, type FormFields } from './form-fields.js';

/** The format of a handler's body, declared by its `@JsonBody()` or `@FormBody()` parameter. */
export type BodyFormat = 'json' | 'form';

/** A request body before validation. */
export type ReceivedBody =
  /** An empty body, or JSON `null`. */
  | { kind: 'none' }
  | { kind: 'json'; value: unknown; text: string }
  /** A body of another media type where JSON is expected. */
  | { kind: 'text' }
  | { kind: 'form'; fields: FormFields };

/**
 * Reads a body as FastAPI does for a route that takes JSON or a form. The route decides the format, so the response is
 * never a 415: a form sent to a JSON route is text, and JSON sent to a form route is an empty form.
 *
 * @throws AppError 422 `json_invalid`, or 400 if the body cannot be read at all
 */
export function receiveBody(bytes: Buffer, contentType: string, format: BodyFormat): ReceivedBody {
  try {
    if (format === 'form') return { kind: 'form', fields: decodeForm(bytes, contentType) };
    if (bytes.length === 0) return { kind: 'none' };
    if (!isJson(contentType)) return { kind: 'text' };
    const value = decodeJson(bytes);
    return value === null ? { kind: 'none' } : { kind: 'json', value, text: decodeJsonText(bytes) };
  } catch (error) {
    throw bodyError(error);
  }
}

/** Whether it is `application/json` or `application/*+json` (RFC 6839), in any letter case and with any parameters. */
function isJson(contentType: string): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return /^application\/(json|[^\s/,"()]*\+json)$/i.test(mediaType.trim());
}

function bodyError(error: unknown): unknown {
  if (error instanceof JsonSyntaxError) return jsonInvalid(error.position, error.reason);
  if (error instanceof FormError) return unreadableBody({ detail: error.detail, cause: error });
  if (error instanceof UnreadableBodyError) return unreadableBody({ cause: error });
  return error;
}

/** The fields that this folder adds to Fastify's request. */
interface BodyCarrier {
  /** The Content-Type header as sent, '' when absent. */
  contentType: string;
}

export type RequestWithBody = FastifyRequest & BodyCarrier;
