import { IntegerVariable } from '../platform/config/variable.decorator.js';

/** How long the audit log is kept. */
export class AuditSettings {
  @IntegerVariable({
    group: 'Jobs',
    about:
      'Time in days for which the audit log is kept. Older events are dropped in whole months, and a checkpoint remains.',
    what: 'days',
    from: 31,
    to: 36_500,
    default: 400,
  })
  readonly AUDIT_RETENTION_DAYS: number;
}
