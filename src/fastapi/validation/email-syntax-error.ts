/** An invalid e-mail address. The message is the reason for the client. `parseEmailAddress` catches it. */
export class EmailSyntaxError extends Error {
  override readonly name = 'EmailSyntaxError';
}
