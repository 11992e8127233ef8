import { EmbeddedPostgresError, explainUnwritable } from './embedded-postgres-error.js';

const failure = (code: string, path?: string, syscall = 'open') =>
  Object.assign(new Error(code), { code, path, syscall });

describe('explainUnwritable', () => {
  it.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR'])('explains %s as an error of the data folder', (code) => {
    const explained = explainUnwritable(failure(code, '/data/postgres/x'), '/data') as Error;
    expect(explained).toBeInstanceOf(EmbeddedPostgresError);
    expect(explained.message).toMatch(
      new RegExp(`^The data folder /data cannot be written \\(${code} on /data/postgres/x\\)\\.\\n.*DATA_DIR`),
    );
  });

  it('explains a folder that cannot be created, with any code', () => {
    expect(explainUnwritable(failure('ENOENT', '/proc/x', 'mkdir'), '/proc/x')).toBeInstanceOf(EmbeddedPostgresError);
  });

  it('returns other errors unchanged', () => {
    const explained = new EmbeddedPostgresError('in use');
    for (const error of [explained, new TypeError('bug'), failure('ENOENT'), failure('ECONNREFUSED')]) {
      expect(explainUnwritable(error, '/data')).toBe(error);
    }
  });
});
