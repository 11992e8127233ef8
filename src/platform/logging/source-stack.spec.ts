import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourceStack } from './source-stack.js';

describe('sourceStack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'source-stack-'));
  const chunks = pathToFileURL(join(folder, 'dist', 'chunks/'));
  const source = new URL('../auth/sign-in.ts', chunks).href;
  const bundle = new URL('service-spec.js', chunks).href;
  /** Maps the first position of the bundle to line 5, column 3 of a source. */
  const map = { version: 3, sources: ['../auth/sign-in.ts'], names: [], mappings: 'AAIE' };

  beforeAll(() => {
    mkdirSync(chunks, { recursive: true });
    writeFileSync(new URL('service-spec.js.map', chunks), JSON.stringify(map));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const mapped = (stack: string) => sourceStack(Object.assign(new Error(), { stack }), chunks.href);

  it('replaces a position in a bundle by that in the source', () => {
    expect(mapped(`Error: x\n    at signIn (${bundle}:1:1)\n    at async ${bundle}:1:9`)).toBe(
      `Error: x\n    at signIn (${source}:5:3)\n    at async ${source}:5:11`,
    );
  });

  it.each([
    ['a bundle without a map', new URL('packages-spec.js', chunks).href],
    ['another folder', 'file:///tmp/chunks/service-spec.js'],
    ['a path that leaves the folder', new URL('../../x/chunks/service-spec.js', chunks).href],
    ['a module of Node.js', 'node:internal/modules/chunks/service-spec.js'],
  ])('leaves a position in %s', (_, file) => {
    const stack = `Error: x\n    at f (${file}:1:1)`;
    expect(mapped(stack)).toBe(stack);
  });

  it('accepts an error without a stack', () => {
    expect(sourceStack(Object.assign(new Error(), { stack: undefined }))).toBeUndefined();
  });
});
