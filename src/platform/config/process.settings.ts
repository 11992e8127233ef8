import { IsIn } from 'class-validator';
import { lowerCase } from './parsers.js';
import { IntegerVariable, Variable } from './variable.decorator.js';

/** Settings of the processes: their number, their shutdown and their jobs. */
export class ProcessSettings {
  @IntegerVariable({
    group: 'Processes',
    about:
      'Number of processes. They share the cores and the connections to the database. ecosystem.config.cjs starts this number, or one per core if it is not set.',
    what: 'a number of processes',
    from: 1,
    to: 256,
    default: 1,
  })
  readonly WORKERS: number;

  @IntegerVariable({
    group: 'Processes',
    about:
      'Time in milliseconds after a signal to stop in which the process still accepts connections, and closes each after its response, so that proxies use other processes. Must be longer than a proxy keeps idle connections (nginx: keepalive_timeout of the upstream).',
    what: 'milliseconds',
    from: 0,
    to: 60_000,
    default: 2000,
  })
  readonly DRAIN_DELAY_MS: number;

  @IntegerVariable({
    group: 'Processes',
    about: 'Time in seconds after a signal to stop until unfinished requests are cut off. Includes DRAIN_DELAY_MS.',
    what: 'seconds',
    from: 1,
    to: 300,
    default: 8,
  })
  readonly DRAIN_SECONDS: number;

  @Variable({
    group: 'Jobs',
    about:
      'Whether the process runs background jobs (messages, purges): embedded serves requests and runs jobs, only runs just jobs, off leaves the jobs to other processes.',
    expected: 'embedded, only or off',
    parse: lowerCase,
    default: 'embedded',
  })
  @IsIn(['embedded', 'only', 'off'])
  readonly WORKER: 'embedded' | 'only' | 'off';
}
