import { IsIn } from 'class-validator';
import { lowerCase } from './parsers.js';
import { IntegerVariable, Variable } from './variable.decorator.js';

/** The number of processes, and how one of them stops. */
export class ProcessSettings {
  @IntegerVariable({
    group: 'Processes',
    about:
      'Processes that serve together, which share the cores and the connections of the database. ecosystem.config.cjs starts as many, one a core when this is absent.',
    what: 'a number of processes',
    from: 1,
    to: 256,
    default: 1,
  })
  readonly WORKERS: number;

  @IntegerVariable({
    group: 'Processes',
    about:
      'After a signal to stop: how long new connections are still accepted, with every answer closing its own, so that proxies move on. Longer than they keep idle connections (nginx: keepalive_timeout of the upstream).',
    what: 'milliseconds',
    from: 0,
    to: 60_000,
    default: 2000,
  })
  readonly DRAIN_DELAY_MS: number;

  @IntegerVariable({
    group: 'Processes',
    about: 'After a signal to stop: how long requests in flight have to end, the delay included.',
    what: 'seconds',
    from: 1,
    to: 300,
    default: 8,
  })
  readonly DRAIN_SECONDS: number;

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
}
