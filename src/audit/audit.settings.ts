import { IntegerVariable } from '../platform/config/variable.decorator.js';

/** How long the audit log is kept. */
export class AuditSettings {
  @IntegerVariable({
    group: 'Jobs',
    about: 'How long the audit log is kept; what is older is dropped by whole months, and a checkpoint remains.',
    what: 'days',
    from: 31,
    to: 36_500,
    default: 400,
  })
  readonly AUDIT_RETENTION_DAYS: number;
}
