import { IntegerVariable } from '../platform/config/variable.decorator.js';

/** How many jobs run at a time. */
export class JobSettings {
  @IntegerVariable({
    group: 'Jobs',
    about: 'Jobs that one process does at a time.',
    what: 'a number of jobs',
    from: 1,
    to: 50,
    default: 2,
  })
  readonly JOB_CONCURRENCY: number;
}
