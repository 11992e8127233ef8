/** An error that clients can receive, as `docs/errors.md` and the OpenAPI document describe it. */
export interface ErrorDefinition {
  /** Stable name for programs, `feature.reason`. */
  code: string;
  /** HTTP status. */
  status: number;
  /** The text for the client; FastAPI's where it had one. Never contains a secret or an internal detail. */
  detail: string;
  /** When it occurs and what the client should do, for the documentation. */
  about: string;
  /** Short name, the same at every occurrence. Derived from the reason in the code by default. */
  title?: string;
  /** Headers of every such response, with lower-case names. */
  headers?: Readonly<Record<string, string>>;
}

/** The details of one occurrence of an error. */
export interface ErrorOccurrence {
  /** Replaces the detail of the definition: another text, or the entries of a 422. */
  detail?: unknown;
  /** Added to the headers of the definition, with lower-case names. */
  headers?: Readonly<Record<string, string>>;
  /** For the log, never for the client. */
  cause?: unknown;
}

/**
 * An error response that the service sends on purpose. Create it with a function that `defineError` returned, so that
 * it is in the catalogue.
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
