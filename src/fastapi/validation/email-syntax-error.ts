/** Why an address is refused: the message is the reason that the client reads. Thrown inside the e-mail rule only. */
export class EmailSyntaxError extends Error {
  override readonly name = 'EmailSyntaxError';
}
