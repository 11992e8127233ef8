/** EX_CONFIG of sysexits.h. Process managers are configured not to restart on it, because a restart cannot fix it. */
export const EXIT_CONFIGURATION = 78;

/** Invalid settings. The message lists each one with its value (secrets masked) and the expected value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
