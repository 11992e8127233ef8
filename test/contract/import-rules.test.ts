import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const CONFIGURATION = '.dependency-cruiser.cjs';

/** The imports of each file. At least one import violates each rule. */
const IMPORTS: Record<string, string[]> = {
  'src/main.ts': ['./users/one.js', './mail/preview/page.js', './doctor/look.js', './migrations/first.js'],
  'src/access/principal.ts': [],
  'src/users/one.ts': ['./two.js', './index.js', 'prettier', './nowhere.js'],
  'src/users/two.ts': ['./one.js', '../auth/tokens/token.js'],
  'src/users/index.ts': [],
  'src/users/dead.ts': ['../access/principal.js'],
  'src/auth/tokens/token.ts': ['../sessions/session.js', '../passwords/rule.js'],
  'src/auth/sessions/session.ts': ['../../access/principal.js'],
  'src/auth/passwords/rule.ts': [],
  'src/mail/preview/page.ts': ['../transports/transport.js'],
  'src/mail/preview/sample.ts': [],
  'src/mail/transports/transport.ts': ['../preview/sample.js'],
  'src/doctor/look.ts': ['../users/one.js'],
  'src/migrations/first.ts': ['../users/one.js'],
};

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

interface Cruise {
  summary: { violations: Violation[] };
}

/** The name of a rule, the same for the rules of all folders in the order. */
function kindOf({ name }: Violation['rule']): string {
  return name.replace(/^order-of-.*/, 'order');
}

describe('the import rules', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
    for (const file of [CONFIGURATION, 'package.json', 'tsconfig.json']) copyFileSync(file, join(folder, file));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const [file, imports] of Object.entries(IMPORTS)) write(file, imports);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(file: string, imports: string[]): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), [...imports.map((path) => `import '${path}';`), 'export {};\n'].join('\n'));
  }

  async function cruise(): Promise<string> {
    const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [program, '--output-type', 'json', 'src'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    return stdout;
  }

  it('each detect a forbidden import', async () => {
    const { summary } = JSON.parse(await cruise()) as Cruise;
    const broken = summary.violations.map(
      ({ rule, from, to }) => `${rule.name}: ${from} -> ${to.replace(/.*\/(?=node_modules\/)/, '')}`,
    );
    expect(broken.toSorted()).toEqual([
      'doctor-looks-from-outside: src/doctor/look.ts -> src/users/one.ts',
      'migrations-know-tables: src/migrations/first.ts -> src/users/one.ts',
      'no-circle-of-files: src/users/one.ts -> src/users/two.ts',
      'no-circle-of-folders: src/mail/preview -> src/mail/transports',
      'no-circle-of-folders: src/mail/transports -> src/mail/preview',
      'no-dev-dependency: src/users/one.ts -> node_modules/prettier/index.mjs',
      'no-index-barrel: src/users/one.ts -> src/users/index.ts',
      'no-orphans: src/users/dead.ts -> src/users/dead.ts',
      'no-unresolved-import: src/users/one.ts -> ./nowhere.js',
      'order-of-src/auth: src/auth/tokens/token.ts -> src/auth/passwords/rule.ts',
      'order-of-src/auth: src/auth/tokens/token.ts -> src/auth/sessions/session.ts',
      'order-of-src/mail: src/mail/preview/page.ts -> src/mail/transports/transport.ts',
      'order-of-src/mail: src/mail/transports/transport.ts -> src/mail/preview/sample.ts',
      'order-of-src: src/users/two.ts -> src/auth/tokens/token.ts',
    ]);
    const { forbidden } = createRequire(__filename)(resolve(CONFIGURATION)) as { forbidden: Violation['rule'][] };
    const kinds = new Set(forbidden.map(kindOf));
    expect(new Set(summary.violations.map(({ rule }) => kindOf(rule)))).toEqual(kinds);
  });

  it('refuse a folder that is missing in the order', async () => {
    write('src/users/avatars/picture.ts', []);
    await expect(cruise()).rejects.toMatchObject({
      stderr: expect.stringContaining('src/users/avatars is missing in ORDER') as string,
    });
  });
});
