/** An error of the embedded PostgreSQL. Its message states the cause and a remedy, and is shown without a stack. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The remedy if the embedded PostgreSQL cannot be used at all. */
export const SET_A_DATABASE = 'Set DATABASE_URL (or PGHOST, PGUSER, PGPASSWORD, PGDATABASE) to a PostgreSQL 14 to 18.';

const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

/** Explains a write error of the file system as an error of the data folder. Returns other errors unchanged. */
export function explainUnwritable(error: unknown, folder: string): unknown {
  if (error instanceof EmbeddedPostgresError) return error;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || !(UNWRITABLE.has(code) || syscall === 'mkdir')) return error;
  return new EmbeddedPostgresError(
    `The data folder ${folder} cannot be written (${code}${path && path !== folder ? ` on ${path}` : ''}).\n` +
      'Make it writable for the user that runs the service, set DATA_DIR to another folder, or set DATABASE_URL.',
    { cause: error },
  );
}
