import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, commandBlocks, documents, proseOf } from '../support/documents.js';

const DOCUMENTS = documents();
const ANY_PATH = /^(?:src|test|docs|deploy|scripts|bench|\.ci|\.github)\/[\w./-]+$/;

/** A longer document is split. The changelog lists one release, and generated pages are looked up rather than read. */
const MOST_WORDS = 1500;

const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Every first group of the pattern in a text. */
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group = '']) => group);

describe.each(DOCUMENTS)('%s', (document) => {
  it(`has at most ${MOST_WORDS} words`, () => {
    const text = readFileSync(document, 'utf8');
    if (document === 'CHANGELOG.md' || text.includes('<!-- Generated from ')) return;
    expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(MOST_WORDS);
  });

  it('names npm scripts that exist', () => {
    const scripts = all(readFileSync(document, 'utf8'), /npm run (?:--silent )?([\w:]+\w)/g);
    expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
  });

  it('names files and folders that exist', () => {
    const paths = all(proseOf(document), /(?<!`)`([^`\n]+)`(?!`)/g).filter((span) => ANY_PATH.test(span));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('links to files and headings that exist', () => {
    const links = all(proseOf(document), /\]\(([^)]+)\)/g)
      // Two folders up is the page of the repository on the site that shows it.
      .filter((link) => !/^(https?:|mailto:|\.\.\/\.\.\/(?:security|compare|releases))/.test(link));
    const broken = links.filter((link) => {
      const [path = '', fragment] = link.split('#');
      const target = path === '' ? document : normalize(join(dirname(document), path));
      if (!existsSync(target)) return true;
      return fragment !== undefined && !anchorsOf(target).includes(fragment);
    });
    expect(broken).toEqual([]);
  });

  it('labels its commands as run by a test or as an example', () => {
    expect(commandBlocks(document).filter(({ label }) => label === undefined)).toEqual([]);
  });

  it('says that commands are run only by tests that name the document or the command', () => {
    for (const { text, label } of commandBlocks(document)) {
      const [, test] = /^run by (.+)$/.exec(label ?? '') ?? [];
      if (test === undefined) continue;
      const source = readFileSync(test, 'utf8');
      expect([test, source.includes(document) || source.includes(text.trim())]).toEqual([test, true]);
    }
  });
});
