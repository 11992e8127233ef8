import { auditAcknowledge } from './audit-acknowledge.command.js';
import { auditSeal } from './audit-seal.command.js';
import { auditVerify } from './audit-verify.command.js';
import type { Command } from './command.js';
import { doctor } from './doctor.command.js';
import { jobsFailed } from './jobs-failed.command.js';
import { jobsRetry } from './jobs-retry.command.js';
import { migrationCreate } from './migration-create.command.js';
import { migrationGenerate } from './migration-generate.command.js';
import { migrationRevert } from './migration-revert.command.js';
import { migrationRun } from './migration-run.command.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  migrationRun,
  migrationRevert,
  migrationGenerate,
  migrationCreate,
  doctor,
  jobsFailed,
  jobsRetry,
  auditVerify,
  auditSeal,
  auditAcknowledge,
];
