/** What a thread is asked. The bytes are handed over, not copied, and the thread wipes them. */
export type HashTask = { readonly password: Uint8Array<ArrayBuffer> } & (
  { readonly kind: 'hash'; readonly rounds: number } | { readonly kind: 'compare'; readonly hash: string }
);

/** What a thread answers: the result, or what bcrypt threw. */
export type HashTaskResult = Timed<string | boolean> | { readonly error: unknown };

/** A result and how long its computing took, waiting not counted. */
export interface Timed<Result> {
  readonly result: Result;
  readonly durationMs: number;
}
