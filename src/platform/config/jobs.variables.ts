import { IsIn } from 'class-validator';
import { lowerCase } from './parsers.js';
import { IntegerVariable, Variable } from './variable.decorator.js';

/** What is done after the answer. */
export class JobVariables {
  @Variable({
    group: 'Jobs',
    about:
      'Whether the process does jobs (messages, clean-up): beside serving, nothing but them, or none because other processes do.',
    expected: 'embedded, only or off',
    parse: lowerCase,
    default: 'embedded',
  })
  @IsIn(['embedded', 'only', 'off'])
  readonly WORKER: 'embedded' | 'only' | 'off';

  @IntegerVariable({
    group: 'Jobs',
    about: 'Jobs that one process does at a time.',
    what: 'a number of jobs',
    from: 1,
    to: 50,
    default: 2,
  })
  readonly JOB_CONCURRENCY: number;

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
