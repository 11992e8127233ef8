/** Writes a `.env` for development with a random secret. Never changes an existing file. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../.env', import.meta.url));
const text = `# Written by start.sh for development. docs/configuration.md lists every setting.
DEBUG=True
SECRET_KEY=${randomBytes(48).toString('base64url')}
`;

try {
  writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  console.log(`Wrote ${file}: DEBUG=True and a new SECRET_KEY.`);
} catch (error) {
  if (error.code === 'EEXIST') process.exit(0);
  console.error(`${file} cannot be written: ${error.message}`);
  process.exit(1);
}
