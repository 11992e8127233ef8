/** sysexits.h EX_CONFIG: process managers are told not to restart on it, since a restart cannot mend it. */
export const EXIT_CONFIGURATION = 78;

/** The settings cannot be used; the message lists each wrong one, what it holds (secrets masked) and what is expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
