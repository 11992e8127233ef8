import type { Command } from './command.js';

export const doctor: Command = {
  name: 'doctor',
  about: 'Check whether the service is ready for production.',
  details: 'The exit code is 1 if a check fails. The command changes nothing.',
  options: { json: { about: 'Print the findings as JSON.' } },
  run: async ({ options }, variables) => {
    const { runDoctor } = await import('../doctor/doctor.js');
    const colours = process.stdout.isTTY && !variables.NO_COLOR;
    return runDoctor(variables, { json: options.json === true, colours });
  },
};
