import { readFileSync } from 'node:fs';

/** The version in package.json, which is two folders above both `src/platform` and `dist/platform`. */
export const SERVICE_VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
