/** PostgreSQL did not answer in time; a process manager may start the service again. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
}
