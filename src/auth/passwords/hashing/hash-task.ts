/** A message to a hash thread. The bytes of the password are transferred, not copied; the thread overwrites them. */
export type HashTask = { readonly password: Uint8Array<ArrayBuffer> } & (
  { readonly kind: 'hash'; readonly rounds: number } | { readonly kind: 'compare'; readonly hash: string }
);

/** The reply of a hash thread: the result, or the error that bcrypt threw. */
export type HashTaskResult = Timed<string | boolean> | { readonly error: unknown };

/** A result and the time to compute it, excluding the wait. */
export interface Timed<Result> {
  readonly result: Result;
  readonly durationMs: number;
}
