/**
 * Last step of the build: puts ReDoc's one bundle beside the code that serves it, so that production can leave out the
 * package and the 85 MB of peers that it brings. Its licences travel with it.
 */
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const target = new URL('../dist/fastapi/docs-pages/', import.meta.url);
const bundle = 'redoc/bundles/redoc.standalone.js';

copyFileSync(require.resolve('redoc/LICENSE'), new URL('redoc.LICENSE.txt', target));
copyFileSync(require.resolve(`${bundle}.LICENSE.txt`), new URL('redoc.standalone.js.LICENSE.txt', target));
// The bundle comes last: start.sh takes its presence for a build that went through.
copyFileSync(require.resolve(bundle), new URL('redoc.standalone.js', target));
console.log(`copied ReDoc to ${fileURLToPath(target)}`);
