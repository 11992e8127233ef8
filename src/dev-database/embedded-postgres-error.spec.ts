import { EmbeddedPostgresError, explainUnwritable } from './embedded-postgres-error.js';

const failure = (code: string, path?: string, syscall = 'open') =>
  Object.assign(new Error(code), { code, path, syscall });

describe('explainUnwritable', () => {
  it.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR'])(
    'turns %s into a sentence about the data folder',
    (code) => {
      const explained = explainUnwritable(failure(code, '/data/postgres/x'), '/data') as Error;
      expect(explained).toBeInstanceOf(EmbeddedPostgresError);
      expect(explained.message).toMatch(
        new RegExp(`^The data folder /data cannot be written \\(${code} on /data/postgres/x\\)\\.\\n.*DATA_DIR`),
      );
    },
  );

  it('explains a folder that cannot be made, whatever the code', () => {
    expect(explainUnwritable(failure('ENOENT', '/proc/x', 'mkdir'), '/proc/x')).toBeInstanceOf(EmbeddedPostgresError);
  });

  it('leaves other errors alone', () => {
    const own = new EmbeddedPostgresError('held');
    for (const error of [own, new TypeError('bug'), failure('ENOENT'), failure('ECONNREFUSED')]) {
      expect(explainUnwritable(error, '/data')).toBe(error);
    }
  });
});
