/**
 * Exit status 0 when dist holds what the sources say, 1 when `npm run build` is needed. A build that nothing needs would
 * pull dist from under a service that runs from it. Where there are no sources, in an image, or no compiler, in an
 * installation of production packages alone (`npm prune` writes package-lock.json anew), what is there is right.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../', import.meta.url));
/** The build writes this file last. */
const last = `${folder}dist/fastapi/docs-pages/redoc.standalone.js`;

function sources() {
  const inFolders = ['src', 'scripts'].flatMap((name) =>
    existsSync(folder + name)
      ? readdirSync(folder + name, { recursive: true, encoding: 'utf8' }).map((file) => `${name}/${file}`)
      : [],
  );
  return [...inFolders, ...readdirSync(folder).filter((name) => name.endsWith('.json'))];
}

function isBuilt() {
  if (!existsSync(last)) return false;
  if (!existsSync(`${folder}node_modules/typescript`)) return true;
  const builtAt = statSync(last).mtimeMs;
  return !sources().some((file) => statSync(folder + file).mtimeMs > builtAt);
}

process.exit(isBuilt() ? 0 : 1);
