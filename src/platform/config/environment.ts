import { IntersectionType } from '@nestjs/mapped-types';
import { ClientVariables } from './clients.variables.js';
import { DatabaseVariables } from './database.variables.js';
import { JobVariables } from './jobs.variables.js';
import { LimitVariables } from './limits.variables.js';
import { MailVariables } from './mail.variables.js';
import { ObservabilityVariables } from './observability.variables.js';
import { ProcessVariables } from './processes.variables.js';
import { ServiceVariables } from './service.variables.js';
import { SessionVariables } from './sessions.variables.js';
import { TokenVariables } from './tokens.variables.js';
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
