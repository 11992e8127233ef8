/** A part that carries a filename: FastAPI's UploadFile; never a valid value of a text field. Its content is dropped. */
export class FilePart {
  constructor(readonly filename: string) {}
}

/**
 * Names in the order received, each with all its values in order. A lone surrogate U+DC80..U+DCFF in a name or value
 * stands for a byte that is not UTF-8.
 */
export type FormFields = Map<string, (string | FilePart)[]>;

/** Starlette's limit, for text fields and for file parts each. */
const MAX_FORM_FIELDS = 1000;

/** The body cannot be read as the form that it claims to be: answer 400 with `detail`. Quotes nothing of the body. */
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

/** A body that breaks the syntax, for which FastAPI has one text. */
export function malformedForm(reason: string): FormError {
  return new FormError('There was an error parsing the body', reason);
}

/** @throws FormError when `count` is more than the allowed number of these */
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
