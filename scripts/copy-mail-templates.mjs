/** A build step: copies the mail templates next to the compiled code. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../dist/mail/templates/', import.meta.url));
cpSync(new URL('../src/mail/templates/', import.meta.url), target, { recursive: true });
console.log(`copied the mail templates to ${target}`);
