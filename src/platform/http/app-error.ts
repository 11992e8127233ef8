/** An error that clients can meet: what `docs/errors.md` and the OpenAPI document tell of it. */
export interface ErrorDefinition {
  /** Stable name for programs, `feature.reason`. */
  code: string;
  /** HTTP status. */
  status: number;
  /** What the client reads; FastAPI's texts where it had one. Never holds a secret or an internal. */
  detail: string;
  /** When it is given and what to do, for a reader of the documents. */
  about: string;
  /** A few words that name it, the same at every occurrence; made of the reason in the code when absent. */
  title?: string;
  /** Headers of every such answer, lower-case names. */
  headers?: Readonly<Record<string, string>>;
}

/** What one occurrence of an error has of its own. */
export interface ErrorOccurrence {
  /** Instead of the definition's: another text, or the entries of a 422. */
  detail?: unknown;
  /** Beside those of the definition, lower-case names. */
  headers?: Readonly<Record<string, string>>;
  /** For the log, never for the client. */
  cause?: unknown;
}

/**
 * An answer other than success that the service gives on purpose. Made by what `defineError` gives, so that every one is
 * in the catalogue.
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly definition: ErrorDefinition,
    { detail = definition.detail, headers = {}, cause }: ErrorOccurrence = {},
  ) {
    super(typeof detail === 'string' ? detail : definition.code, cause === undefined ? undefined : { cause });
    this.code = definition.code;
    this.status = definition.status;
    this.detail = detail;
    this.headers = { ...definition.headers, ...headers };
  }
}
