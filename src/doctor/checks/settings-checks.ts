import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, fail, pass, type Verdict, warn } from './finding.js';

/** Problems that a separate check reports in more detail. */
const REPORTED_ELSEWHERE = /^SECRET_KEY(_PREVIOUS)? cannot be used/;

/** Checks of the settings and their file. */
export const settingsChecks: Checks = {
  settings: ({ settings }) => {
    const { problems, file } = settings;
    if (problems.length === 0) {
      return pass(`every setting is valid, read from ${file ? `${file.name} and ` : ''}the process`);
    }
    const remedy = 'Correct it: the service does not start. docs/configuration.md describes the accepted values.';
    return problems.filter((problem) => !REPORTED_ELSEWHERE.test(problem)).map((problem) => fail(problem, remedy));
  },

  'settings-without-effect': ({ settings }) =>
    settings.ineffective.length === 0
      ? pass('every line in the settings file has an effect')
      : settings.ineffective.map((line) =>
          warn(line, 'Correct the name or remove the line: docs/configuration.md lists every setting.'),
        ),

  'settings-file-mode': settingsFileMode,

  debug: ({ settings }) => {
    const { DEBUG, APP_HOST } = settings.environment;
    if (!DEBUG) return pass('DEBUG is off');
    return isLoopback(APP_HOST)
      ? warn('DEBUG is on: weak secrets are accepted', 'Set DEBUG=False if other people can sign in.')
      : fail(
          `DEBUG is on, and APP_HOST=${APP_HOST} accepts connections from other machines`,
          'Set DEBUG=False, or APP_HOST=127.0.0.1 on a machine for development.',
        );
  },

  'log-level': ({ settings }) => {
    const { LOG_LEVEL, DEBUG } = settings.environment;
    if (LOG_LEVEL === 'info' || LOG_LEVEL === 'warn' || DEBUG) return pass(`LOG_LEVEL is ${LOG_LEVEL}`);
    const cost = ['debug', 'trace'].includes(LOG_LEVEL)
      ? 'every SQL statement is logged'
      : 'requests and warnings are not logged';
    return warn(`LOG_LEVEL is ${LOG_LEVEL}: ${cost}`, 'Set LOG_LEVEL=info.');
  },
};

function settingsFileMode({ settings: { file } }: Facts): Verdict | undefined {
  if (file?.mode === undefined) return undefined;
  const mode = file.mode.toString(8).padStart(4, '0');
  const remedy = `chmod 600 ${file.name}, and make the service's account its owner.`;
  if (file.mode & 0o022) return fail(`other accounts may write ${file.name} (mode ${mode})`, remedy);
  if (file.mode & 0o004) return warn(`every account of this machine may read ${file.name} (mode ${mode})`, remedy);
  return pass(`${file.name} is not accessible to others (mode ${mode})`);
}
