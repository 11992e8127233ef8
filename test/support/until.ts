import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything that a test waits for, and an end to the waiting when it never comes. */
const PATIENCE_MS = 60_000;

/** Waits for something that shows by asking only. @throws when it does not come */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition.toString()}`);
  }
}
