/**
 * A failure that another attempt would repeat, as for an address that does not exist: the job has no other attempt. The
 * message is stored in the queue and logged, so it contains no personal data and no secret.
 */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}
