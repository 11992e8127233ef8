/** A step of the build: puts the templates of the messages beside the code that fills them. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../dist/mail/templates/', import.meta.url));
cpSync(new URL('../src/mail/templates/', import.meta.url), target, { recursive: true });
console.log(`copied the templates of the messages to ${target}`);
