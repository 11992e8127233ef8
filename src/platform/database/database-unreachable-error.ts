/** PostgreSQL did not answer in time. A process manager may restart the service. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
}
