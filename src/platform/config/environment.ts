import { IntersectionType } from '@nestjs/mapped-types';
import { ClientVariables } from './variables/clients.variables.js';
import { DatabaseVariables } from './variables/database.variables.js';
import { JobVariables } from './variables/jobs.variables.js';
import { LimitVariables } from './variables/limits.variables.js';
import { MailVariables } from './variables/mail.variables.js';
import { ObservabilityVariables } from './variables/observability.variables.js';
import { ProcessVariables } from './variables/processes.variables.js';
import { ServiceVariables } from './variables/service.variables.js';
import { SessionVariables } from './variables/sessions.variables.js';
import { TokenVariables } from './variables/tokens.variables.js';
import { declaredOn, type Variable } from './variable.decorator.js';

const GROUPS = [
  ServiceVariables,
  ClientVariables,
  TokenVariables,
  SessionVariables,
  MailVariables,
  DatabaseVariables,
  LimitVariables,
  ProcessVariables,
  JobVariables,
  ObservabilityVariables,
] as const;

/**
 * Every setting of the service, and the only description of it: the loader, `.env.example`, `docs/configuration.md`
 * and the error messages are made from these declarations. The names are those of the documented FastAPI service
 * where it had one.
 */
export class Environment extends IntersectionType(...GROUPS) {
  /** Set by the loader if PUBLIC_URL is given, rather than derived from APP_PORT. */
  readonly isPublicUrlSet?: true;
}

/** The settings in the order in which they are declared. */
export const VARIABLES: readonly Variable[] = GROUPS.flatMap(declaredOn);
