import { statSync } from 'node:fs';
import { devNull } from 'node:os';
import { ConfigurationError } from '../../platform/config/configuration-error.js';
import { type ExaminedEnvironment, examineEnvironment } from '../../settings/load-environment.js';

export interface SettingsFacts extends ExaminedEnvironment {
  /** The settings file, if there is one. */
  file: { name: string; mode: number | undefined } | undefined;
}

/** Reads the settings as at a start, but continues after an error. */
export function gatherSettings(variables: NodeJS.ProcessEnv): SettingsFacts {
  const file = settingsFile(variables.ENV_FILE || '.env');
  try {
    return { ...examineEnvironment(variables), file };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const withoutFile = examineEnvironment({ ...variables, ENV_FILE: devNull });
    return { ...withoutFile, problems: [error.message, ...withoutFile.problems], file };
  }
}

function settingsFile(name: string): SettingsFacts['file'] {
  const stats = statSync(name, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  // Windows has no permission bits.
  return { name, mode: process.platform === 'win32' ? undefined : stats.mode & 0o777 };
}
