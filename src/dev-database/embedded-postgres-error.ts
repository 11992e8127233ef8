/** Why the embedded PostgreSQL cannot run, in a line or two that say what to do instead. Meant to be shown without its stack. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** What to set when there can be no embedded PostgreSQL at all. */
export const SET_A_DATABASE = 'Set DATABASE_URL (or PGHOST, PGUSER, PGPASSWORD, PGDATABASE) to a PostgreSQL 14 to 18.';

const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

/** Turns "cannot write there" of the file system into a sentence about the data folder; hands back every other error as it is. */
export function explainUnwritable(error: unknown, folder: string): unknown {
  if (error instanceof EmbeddedPostgresError) return error;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || !(UNWRITABLE.has(code) || syscall === 'mkdir')) return error;
  return new EmbeddedPostgresError(
    `The data folder ${folder} cannot be written (${code}${path && path !== folder ? ` on ${path}` : ''}).\n` +
      'Make it writable for the user who starts the service, set DATA_DIR to another folder, or set DATABASE_URL.',
    { cause: error },
  );
}
