/** A part with a filename, as FastAPI's UploadFile. Never a valid value of a text field, so its content is dropped. */
export class FilePart {
  constructor(readonly filename: string) {}
}

/**
 * Names in the order received, each with all its values in order. A lone surrogate U+DC80..U+DCFF in a name or value
 * represents a byte that is not UTF-8.
 */
export type FormFields = Map<string, (string | FilePart)[]>;

/** Starlette's limit, applied to text fields and to file parts separately. */
const MAX_FORM_FIELDS = 1000;

/** A body that is not valid for its Content-Type, answered with 400 and `detail`. Never quotes the body. */
export class FormError extends Error {
  override readonly name = 'FormError';

  constructor(
    /** Starlette's text for the client. */
    readonly detail: string,
    /** The cause, for the log. */
    reason = detail,
  ) {
    super(reason);
  }
}

/** The error for invalid syntax, for which FastAPI has a single message. */
export function malformedForm(reason: string): FormError {
  return new FormError('There was an error parsing the body', reason);
}

/** @throws FormError when `count` exceeds the limit */
export function limitNumber(of: 'fields' | 'files', count: number): void {
  if (count > MAX_FORM_FIELDS) {
    throw new FormError(`Too many ${of}. Maximum number of ${of} is ${MAX_FORM_FIELDS}.`);
  }
}

export function appendField(fields: FormFields, name: string, value: string | FilePart): void {
  const values = fields.get(name);
  if (values) values.push(value);
  else fields.set(name, [value]);
}
