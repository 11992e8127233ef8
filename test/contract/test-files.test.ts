import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Marks a file that evaluates the sources for itself (test/runner). */
const OWN_SOURCES = '/** @own-sources because ';

/** Adds to tables that the sources of a Jest worker share: errors, permissions, limits. */
const DECLARES = /^(?!.*\/).*\bdefine(?:Error|Permission|Limit)\(|\/support\/(?:probe|orders|code-factor)\.module\.js/m;

const files = ['src', 'test']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  .filter((file) => /\.(?:spec|test)\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

describe('test files', () => {
  it('load the sources for themselves if they declare errors, permissions or limits', () => {
    const declaring = files.filter(({ text }) => DECLARES.test(text));
    expect(declaring.length).toBeGreaterThan(10);
    expect(declaring.filter(({ text }) => !text.startsWith(OWN_SOURCES)).map(({ file }) => file)).toEqual([]);
  });
});
