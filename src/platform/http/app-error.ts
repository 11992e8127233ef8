/**
 * An answer other than success that the service gives on purpose.
 *
 * @property code stable name for programs, `feature.reason`
 * @property status HTTP status
 * @property detail what the client reads; FastAPI's texts where it had one. Never holds a secret or an internal
 * @property headers further headers of the answer, lower-case names
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';

  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(typeof detail === 'string' ? detail : code, options);
  }
}

/** 503 with Retry-After (RFC 9110 section 10.2.3): what is missing comes back without the client's doing. */
export function unavailable(code: string, detail: string, cause?: unknown): AppError {
  return new AppError(code, 503, detail, { 'retry-after': '2' }, { cause });
}
