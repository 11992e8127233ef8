import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any condition in a test needs. */
const PATIENCE_MS = 60_000;

/** Polls a condition until it holds. @throws if it does not hold in time */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${condition.toString()}`);
  }
}
