import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { explainSpawnError, run } from './server-process.js';

describe('run', () => {
  it('returns the exit code and both outputs', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(3)';
    const { code, output } = await run(process.execPath, ['-e', script], undefined);
    expect(code).toBe(3);
    expect(output).toContain('out\n');
    expect(output).toContain('err\n');
  });

  it('does not pass on the environment', async () => {
    const { output } = await run(process.execPath, ['-p', 'Object.keys(process.env).sort().join()'], undefined);
    expect(output.trim()).toBe('LC_ALL,PATH,TZ');
  });

  it('names the settings to use if the program cannot be executed', async () => {
    const failure = run(`${process.execPath}-without-a-loader`, [], undefined);
    await expect(failure).rejects.toBeInstanceOf(EmbeddedPostgresError);
    await expect(failure).rejects.toThrow(/glibc.*\n.*DATABASE_URL/);
  });
});

describe('explainSpawnError', () => {
  it('includes the code of other failures', () => {
    expect(
      explainSpawnError(Object.assign(new Error('spawn EPERM'), { code: 'EPERM' }), '/bin/postgres').message,
    ).toMatch(/\(EPERM\): \/bin\/postgres/);
  });
});
