/**
 * The body cannot be read at all: FastAPI answers 400 `{"detail":"There was an error parsing the body"}`.
 * The message names the cause for the log and never quotes the body, which may hold a password.
 */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError';
}

/**
 * The body is text but not JSON (RFC 8259): FastAPI answers 422 with type `json_invalid`, `loc` `["body", position]`
 * and `ctx.error` = `reason`.
 */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';

  constructor(
    /** The words of Python's json module, `Expecting value` for one. */
    readonly reason: string,
    /** Zero-based, in code points (not UTF-16 units), as Python counts. */
    readonly position: number,
  ) {
    super(`${reason}: char ${position}`);
  }
}
