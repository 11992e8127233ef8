/**
 * The last build step: copies ReDoc's single bundle and its licences next to the code that serves it. Production then
 * does not need the package and its 85 MB of peer dependencies.
 */
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const target = new URL('../dist/fastapi/docs-pages/', import.meta.url);
const bundle = 'redoc/bundles/redoc.standalone.js';

copyFileSync(require.resolve('redoc/LICENSE'), new URL('redoc.LICENSE.txt', target));
copyFileSync(require.resolve(`${bundle}.LICENSE.txt`), new URL('redoc.standalone.js.LICENSE.txt', target));
// The bundle is copied last: start.sh takes its presence as the sign of a complete build.
copyFileSync(require.resolve(bundle), new URL('redoc.standalone.js', target));
console.log(`copied ReDoc to ${fileURLToPath(target)}`);
