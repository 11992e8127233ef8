import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
// Declares every error of the service.
import '../../src/app.setup.js';
import { errorsDocument } from '../../src/fastapi/errors/error-documents.js';
import { errorCatalogue } from '../../src/platform/http/error-catalogue.js';

function sourcesIn(folder: string, isWanted: (file: string) => boolean): [file: string, text: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && isWanted(file))
    .map((file) => [file, readFileSync(file, 'utf8')]);
}

const product = sourcesIn('src', (file) => !file.endsWith('.spec.ts'));
const tests = [...sourcesIn('test', () => true), ...sourcesIn('src', (file) => file.endsWith('.spec.ts'))];

const filesWith = (pattern: RegExp): string[] =>
  product.filter(([, text]) => pattern.test(text)).map(([file]) => file.replaceAll('\\', '/'));

/** `export const usernameTaken = defineError(…)`, with the code. */
const DECLARATION = /const (\w+) = defineError\(\{\s*code: '([^']+)'/g;

const declared = product.flatMap(([, text]) =>
  [...text.matchAll(DECLARATION)].map(([, name = '', code = '']) => ({ name, code })),
);

describe('the error catalogue', () => {
  it('has every error that the service creates', () => {
    expect(filesWith(/\bnew AppError\(/)).toEqual([
      'src/platform/http/error-catalogue.ts',
      // A status for the log only: the client has disconnected.
      'src/auth/passwords/hashing/hash-queue.errors.ts',
    ]);
    expect(filesWith(/\bextends AppError\b/)).toEqual(['src/fastapi/errors/validation-error.ts']);
    expect(filesWith(/\bnew \w*Exception\(/)).toEqual([]);
  });

  it('has exactly the errors that the source declares', () => {
    expect(declared.map(({ code }) => code).toSorted()).toEqual(errorCatalogue().map(({ code }) => code));
  });

  it('has no error that the source never uses', () => {
    for (const { name, code } of declared) {
      const uses = product
        .flatMap(([, text]) => text.split('\n'))
        .filter((line) => new RegExp(`\\b${name}\\b`).test(line))
        .filter((line) => !/^import |@ApiErrors\(|^export const|^ {2}\w+,$/.test(line));
      expect([code, uses.length]).not.toEqual([code, 0]);
    }
  });

  it('has no error that no test mentions', () => {
    const unseen = errorCatalogue().filter(
      ({ code, detail }) => !tests.some(([, text]) => text.includes(code) || text.includes(detail)),
    );
    expect(unseen.map(({ code }) => code)).toEqual([]);
  });

  it.each(errorCatalogue().map((type) => [type.code, type] as const))(
    '%s has a valid status, title, detail, description and headers',
    (_code, type) => {
      const { status, title, detail, about, headers } = type;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z][A-Za-z -]*$/);
      expect(detail).toMatch(/^[A-Z][^<>`|]*$/);
      // Sentences, on one line for the table.
      expect(about).toMatch(/^[A-Z][^\n]*[.)]$/);
      expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
    },
  );

  it('has one row per error in docs/errors.md', () => {
    const document = errorsDocument();
    for (const { code, status, detail, about } of errorCatalogue()) {
      expect(document).toContain(`| <a id="${code}"></a>\`${code}\` | ${status} | ${detail} | ${about} |`);
    }
  });
});
