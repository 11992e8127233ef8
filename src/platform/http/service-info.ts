import { readFileSync } from 'node:fs';

/** The version in package.json, which stands two folders above `src/platform` and `dist/platform` alike. */
export const SERVICE_VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
