/**
 * Exits with status 0 if dist is newer than the sources, with 1 if `npm run build` is needed. An unnecessary build would
 * replace dist under a running service. An image has no sources and a production installation has no compiler: there
 * dist always counts as current, even though `npm prune` rewrites package-lock.json.
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
  if (!existsSync(`${folder}node_modules/rolldown`)) return true;
  const builtAt = statSync(last).mtimeMs;
  return !sources().some((file) => statSync(folder + file).mtimeMs > builtAt);
}

process.exit(isBuilt() ? 0 : 1);
