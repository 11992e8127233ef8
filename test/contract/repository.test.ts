import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Checks files that no other test runs: workflows, release scripts and git hooks.

const read = (file: string) => readFileSync(file, 'utf8');
const filesIn = (folder: string, end: string) =>
  existsSync(folder) ? readdirSync(folder).flatMap((name) => (name.endsWith(end) ? [join(folder, name)] : [])) : [];

const packageJson = JSON.parse(read('package.json')) as {
  version: string;
  engines: { node: string };
  scripts: Record<string, string>;
};
const WORKFLOWS = filesIn('.github/workflows', '.yml');
const CI_SCRIPTS = readdirSync('.ci').map((name) => join('.ci', name));

/** The first group of every match of the pattern. */
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group = '']) => group);

describe('the workflows', () => {
  it('test on every major version of Node.js that package.json allows, one of which is the version of the image', () => {
    const [matrix = ''] = all(read('.github/workflows/ci.yml'), /^ +node: \[(.*)\]$/gm);
    const tested = matrix.split(',').map(Number);
    expect(all(packageJson.engines.node, /(?:\^|>=)(\d+)\./g).map(Number)).toEqual(tested);
    const [image] = all(read('deploy/Dockerfile'), /^ARG NODE_VERSION=(\d+)$/gm);
    expect(tested).toContain(Number(image));
  });

  it.each(WORKFLOWS)(
    '%s pins its actions, has minimal permissions and timeouts, and puts no expressions into scripts',
    (file) => {
      const text = read(file);
      for (const action of all(text, /uses: (.+)$/gm)) {
        expect(action).toMatch(/^\.\/|^docker:\/\/[^ ]+:\d[^ ]*$|^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
      expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
      const jobs = all(text.slice(text.indexOf('\njobs:')), /^ {2}(\w+):$/gm);
      const called = all(text, /^ {4}uses: (\.\/.*)$/gm);
      expect(all(text, /^ {4}timeout-minutes: (\d+)$/gm)).toHaveLength(jobs.length - called.length);
      // An expression inside a script allows injection; environment variables do not.
      expect(text).not.toMatch(/run: .*\$\{\{/);
    },
  );

  it.each([...WORKFLOWS, ...CI_SCRIPTS, 'lefthook.yml'])('%s calls only existing scripts', (file) => {
    const text = read(file);
    for (const script of all(text, /npm run (?:--silent )?([\w:]+)/g))
      expect(packageJson.scripts).toHaveProperty([script]);
    for (const program of all(text, /(?:^|[\s`])((?:\.ci|scripts)\/[\w.-]+)/gm)) {
      expect([program, existsSync(program)]).toEqual([program, true]);
    }
  });

  it.each(CI_SCRIPTS)('%s is executable', (file) => {
    expect(() => accessSync(file, constants.X_OK)).not.toThrow();
  });

  it('configure Dependabot only for existing folders', () => {
    for (const folder of all(read('.github/dependabot.yml'), /directory: (.+)$/gm))
      expect(existsSync(`.${folder}`)).toBe(true);
  });
});

describe('CHANGELOG.md', () => {
  it('has a section for this version below Unreleased', () => {
    const versions = all(read('CHANGELOG.md'), /^## \[(.+?)\]/gm);
    expect(versions.slice(0, 2)).toEqual(['Unreleased', packageJson.version]);
    expect(all(read('CHANGELOG.md'), /^\[(.+?)\]: /gm)).toEqual(versions);
  });
});

describe('.ci/release-notes', () => {
  const notes = (tag: string) => spawnSync('.ci/release-notes', [tag], { encoding: 'utf8' });

  it('prints the changelog section of this version', () => {
    const { status, stdout } = notes(`v${packageJson.version}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\n*### \w+\n\n(?:#### .+\n\n)?- /);
    expect(stdout).not.toContain('## [');
    expect(stdout).not.toContain('/compare/');
  });

  it('refuses a tag of another version', () => {
    const { status, stdout, stderr } = notes('v0.0.1');
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      `package.json has version ${packageJson.version}, but the tag is v0.0.1\n`,
    ]);
  });
});

describe('scripts/check-commit-message.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'commit-message-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const check = (message: string) => {
    const file = join(folder, 'COMMIT_EDITMSG');
    writeFileSync(file, message);
    const { status, stderr } = spawnSync(process.execPath, ['scripts/check-commit-message.mjs', file], {
      encoding: 'utf8',
    });
    return [status, stderr.trim()];
  };

  it.each([
    'Refuse a key that is printed in public\n',
    'Need no second start\n\nWhy that is so.\n',
    `Say ${'x'.repeat(68)}\n`,
    '# A comment of git\nMend the hooks\n',
    "Merge branch 'main' into some-branch-with-a-name-that-makes-the-subject-very-long-indeed\n",
    'fixup! whatever\n',
  ])('accepts %j', (message) => expect(check(message)).toEqual([0, '']));

  it.each([
    ['\n', 'the subject is empty'],
    [`Say ${'x'.repeat(69)}\n`, 'the subject has 73 characters, at most 72 are allowed'],
    ['fix: the thing\n', 'the subject must begin with a capital letter, without a prefix such as "fix:"'],
    ['Added a thing\n', '"Added" does not complete "this commit will …"'],
    ['Fixing a thing\n', '"Fixing" does not complete "this commit will …"'],
    ['Adds a thing\n', '"Adds" does not complete "this commit will …"'],
    ['Add a thing.\n', 'the subject must not end with a full stop'],
    ['Add a thing\nand more\n', 'the second line must be blank'],
  ])('refuses %j', (message, reason) => expect(check(message)).toEqual([1, `Invalid commit message: ${reason}.`]));
});
