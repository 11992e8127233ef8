import { IntersectionType } from '@nestjs/mapped-types';
import { AuditSettings } from '../audit/audit.settings.js';
import { LinkSettings } from '../auth/links/link.settings.js';
import { HashingSettings } from '../auth/passwords/hashing/hashing.settings.js';
import { PasswordSettings } from '../auth/passwords/password.settings.js';
import { PageSettings } from '../auth/recovery/pages/page.settings.js';
import { SessionSettings } from '../auth/sessions/session.settings.js';
import { SignInSettings } from '../auth/sign-in/sign-in.settings.js';
import { LifetimeSettings } from '../auth/tokens/lifetime.settings.js';
import { TokenSettings } from '../auth/tokens/token.settings.js';
import { CorsSettings } from '../fastapi/cors/cors.settings.js';
import { JobSettings } from '../jobs/job.settings.js';
import { MailSettings } from '../mail/settings/mail.settings.js';
import { AdoptionSettings } from '../migrations/adoption.settings.js';
import { ClientSettings } from '../platform/config/client.settings.js';
import { KeySettings } from '../platform/config/key.settings.js';
import { LimitSettings } from '../platform/config/limit.settings.js';
import { OperationSettings } from '../platform/config/operation.settings.js';
import { PostgresSettings } from '../platform/config/postgres.settings.js';
import { ProcessSettings } from '../platform/config/process.settings.js';
import { ServiceSettings } from '../platform/config/service.settings.js';
import { declaredOn, type Variable } from '../platform/config/variable.decorator.js';
import { UserSettings } from '../users/user.settings.js';

/** The settings classes of the platform and of every feature, in the order of the documentation. */
export const GROUPS = [
  ServiceSettings,
  ClientSettings,
  CorsSettings,
  KeySettings,
  TokenSettings,
  LifetimeSettings,
  HashingSettings,
  PasswordSettings,
  SessionSettings,
  SignInSettings,
  LinkSettings,
  PageSettings,
  MailSettings,
  PostgresSettings,
  AdoptionSettings,
  LimitSettings,
  UserSettings,
  ProcessSettings,
  JobSettings,
  AuditSettings,
  OperationSettings,
] as const;

/**
 * Every setting of the service. The loader, `.env.example`, `docs/configuration.md` and the error messages are generated
 * from these declarations. Settings that the FastAPI service had keep their names.
 */
export class Environment extends IntersectionType(...GROUPS) {}

const declared = GROUPS.flatMap(declaredOn);
const headings = [...new Set(declared.map(({ group }) => group))];

/** The settings under their headings, in the order of their declarations. */
export const VARIABLES: readonly Variable[] = declared.toSorted(
  (a, b) => headings.indexOf(a.group) - headings.indexOf(b.group),
);
