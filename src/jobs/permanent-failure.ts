/**
 * A failure that another attempt would repeat, such as an address that does not exist. It ends the attempts of the job.
 * The message is stored in the queue and logged, so it must not contain personal data or secrets.
 */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}
