import { escapeForTerminal } from '../platform/logging/control-characters.js';
import type { Command } from './command.js';
import { withService } from './with-service.js';

export const jobsFailed: Command = {
  name: 'jobs:failed',
  about: 'List the jobs that have used up their tries.',
  run: async (_given, variables) =>
    withService(
      variables,
      async () => (await import('../jobs/failed-jobs.js')).FailedJobs,
      async (failedJobs) => {
        const { jobs, mayHaveMore } = await failedJobs.list();
        if (jobs.length === 0) return { text: 'No job has failed for good.' };
        const lines = jobs.map(({ id, name, attempts, created, error }) => {
          const reason = escapeForTerminal(error) || 'its process ended at the last try';
          return `${id.padStart(8)}  ${name}  of ${created}, ${attempts} tries: ${reason}`;
        });
        if (mayHaveMore) lines.push(`These are the oldest ${jobs.length}; there may be more.`);
        return { text: [...lines, 'jobs:retry ID or jobs:retry --all tries them again.'].join('\n') };
      },
    ),
};
