/**
 * A body that cannot be read at all. FastAPI answers 400 `{"detail":"There was an error parsing the body"}`.
 * The message states the cause for the log and never quotes the body, which may contain a password.
 */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError';
}

/**
 * A body that is text but not JSON (RFC 8259). FastAPI answers 422 with type `json_invalid`, `loc` `["body", position]`
 * and `ctx.error` = `reason`.
 */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';

  constructor(
    /** The message of Python's json module, such as `Expecting value`. */
    readonly reason: string,
    /** Zero-based, in code points (not UTF-16 code units), as in Python. */
    readonly position: number,
  ) {
    super(`${reason}: char ${position}`);
  }
}
