import { BooleanVariable, IntegerVariable } from './variable.decorator.js';

/** Settings of pages and request bodies. */
export class ClientSettings {
  @BooleanVariable({
    group: 'Clients',
    about: 'Serve /docs, /redoc and /openapi.json.',
    default: true,
  })
  readonly DOCS_ENABLED: boolean;

  @IntegerVariable({
    group: 'Clients',
    about: 'Maximum size of a request body in bytes. A larger one is answered 413.',
    what: 'a number of bytes',
    from: 1024,
    to: 10485760,
    default: 102_400,
  })
  readonly BODY_LIMIT_BYTES: number;
}
