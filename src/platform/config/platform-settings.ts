import { IntersectionType } from '@nestjs/mapped-types';
import { ClientSettings } from './client.settings.js';
import { KeySettings } from './key.settings.js';
import { LimitSettings } from './limit.settings.js';
import { OperationSettings } from './operation.settings.js';
import { PostgresSettings } from './postgres.settings.js';
import { ProcessSettings } from './process.settings.js';
import { ServiceSettings } from './service.settings.js';

/** The settings that do not belong to a particular feature. */
export class PlatformSettings extends IntersectionType(
  ServiceSettings,
  ClientSettings,
  KeySettings,
  PostgresSettings,
  LimitSettings,
  ProcessSettings,
  OperationSettings,
) {}
