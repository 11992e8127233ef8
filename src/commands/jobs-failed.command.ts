import { escapeForTerminal } from '../platform/logging/control-characters.js';
import type { Command } from './command.js';
import { withService } from './with-service.js';

export const jobsFailed: Command = {
  name: 'jobs:failed',
  about: 'List the failed jobs, which have no attempts left.',
  run: async (_given, variables) =>
    withService(
      variables,
      async () => (await import('../jobs/failed-jobs.js')).FailedJobs,
      async (failedJobs) => {
        const { jobs, mayHaveMore } = await failedJobs.list();
        if (jobs.length === 0) return { text: 'There are no failed jobs.' };
        const lines = jobs.map(({ id, name, attempts, created, error }) => {
          const reason = escapeForTerminal(error) || 'the process was gone before the last attempt ended';
          return `${id.padStart(8)}  ${name}  from ${created}, ${attempts} attempts: ${reason}`;
        });
        if (mayHaveMore) lines.push(`These are the oldest ${jobs.length}; there may be more.`);
        return { text: [...lines, 'Run jobs:retry ID or jobs:retry --all to retry them.'].join('\n') };
      },
    ),
};
