import { IntegerVariable } from '../platform/config/variable.decorator.js';

/** The setting of the job runner. */
export class JobSettings {
  @IntegerVariable({
    group: 'Jobs',
    about: 'Maximum number of jobs that one process runs concurrently.',
    what: 'a number of jobs',
    from: 1,
    to: 50,
    default: 2,
  })
  readonly JOB_CONCURRENCY: number;
}
