import { readFileSync } from 'node:fs';
import { programFile } from '../config/program-files.js';

/** The version in package.json. */
export const SERVICE_VERSION = (JSON.parse(readFileSync(programFile('../package.json'), 'utf8')) as { version: string })
  .version;
