/**
 * What a handler throws when no further try can end better, as for an address that does not exist: the job is a dead
 * letter at once, and its place is free for others. The message goes into the queue and the log: no personal data, no secret.
 */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}
