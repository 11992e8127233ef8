/** EX_CONFIG of sysexits.h. Process managers do not restart the service after it, because a restart would not help. */
export const EXIT_CONFIGURATION = 78;

/** The settings cannot be used. The message shows each invalid setting, its value (secrets masked) and valid values. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
