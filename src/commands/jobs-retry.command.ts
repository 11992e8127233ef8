import type { FailedJobs } from '../jobs/failed-jobs.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { Command, CommandArguments, CommandResult } from './command.js';
import { withService } from './with-service.js';

const JOB_ID = /^\d{1,18}$/;
const NO_JOB = { text: 'There are no failed jobs.' };

export const jobsRetry: Command = {
  name: 'jobs:retry',
  about: 'Retry a failed job.',
  details: 'ID is the id of a job that jobs:failed lists.',
  options: { all: { about: 'Retry all failed jobs.' } },
  operands: ['[ID]'],
  run: async (given, variables) => {
    const which = chosenBy(given);
    return withService(
      variables,
      async () => (await import('../jobs/failed-jobs.js')).FailedJobs,
      async (failedJobs) => retry(failedJobs, which),
    );
  },
};

function chosenBy({ options, operands: [id] }: CommandArguments): { id: string } | 'all' {
  if (options.all === true && id === undefined) return 'all';
  if (options.all === true || id === undefined || !JOB_ID.test(id))
    throw new ConfigurationError('jobs:retry needs the id of a job that jobs:failed lists, or --all.');
  return { id };
}

async function retry(failedJobs: FailedJobs, which: { id: string } | 'all'): Promise<CommandResult> {
  const count = await failedJobs.retry(which);
  if (count > 0) {
    return { text: `${count} ${count === 1 ? 'job has' : 'jobs have'} been enqueued again.` };
  }
  if (which === 'all') return NO_JOB;
  throw new ConfigurationError(`There is no failed job ${which.id}.`);
}
