export interface ErrorAnswerOptions {
  status: number;
  /** When this answer is given, for a reader of the document. */
  description: string;
  /** The `detail` of an example. */
  detail: string;
}

const answers = new WeakMap<object, ErrorAnswerOptions[]>();

/** The answers that a handler's decorators declare, in the order of their statuses. */
export function errorAnswersOf(handler: object): readonly ErrorAnswerOptions[] {
  return (answers.get(handler) ?? []).toSorted((a, b) => a.status - b.status);
}

/** The handler may answer so: documented with FastAPI's body `{"detail": …}`. */
export function ErrorAnswer(status: number, description: string, detail: string): MethodDecorator {
  return (_target, _name, descriptor) => {
    const handler = descriptor.value as object;
    answers.set(handler, [...(answers.get(handler) ?? []), { status, description, detail }]);
  };
}

/** What every handler may answer that reads the database. */
export function UnavailableAnswer(): MethodDecorator {
  return ErrorAnswer(
    503,
    'The database is away; try again after the seconds in Retry-After',
    'The database is not available at the moment. Please try again.',
  );
}

/** What every handler may answer that needs a token. */
export function AuthenticationErrors(): MethodDecorator {
  return (target, name, descriptor) => {
    ErrorAnswer(401, 'The token is missing, wrong, expired or of a disabled account', 'Not authenticated')(
      target,
      name,
      descriptor,
    );
    UnavailableAnswer()(target, name, descriptor);
  };
}
