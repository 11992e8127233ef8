/** `npm run build`: replaces `dist`. An import that fails, because packages are missing, leaves it as it is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'dist');
rmSync(target, { recursive: true, force: true });
await bundle(root, target);
