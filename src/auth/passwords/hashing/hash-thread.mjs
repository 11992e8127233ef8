// @ts-check
/**
 * Hashes passwords in a thread, outside libuv's pool, where name look-ups, files and new database connections would wait
 * behind every hash. JavaScript, because Node itself must be able to read the file, under Jest too.
 */
import { getPriority, setPriority } from 'node:os';
import bcrypt from 'bcrypt';

/** How much lower the priority of a hash is than that of serving: a tenth of the weight in Linux's scheduler. */
const NICER = 10;
const NICEST = 19;

lowerPriority();

function lowerPriority() {
  // Elsewhere a priority is the process's; on Linux 0 means the calling thread.
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(getPriority(0) + NICER, NICEST));
  } catch {
    // A sandbox can forbid it; hashing works at normal priority too.
  }
}

/**
 * @param {import('./hash-task.js').HashTask} job
 * @returns {import('./hash-task.js').HashTaskResult}
 */
export default function answer(job) {
  const { buffer, byteOffset, byteLength } = job.password;
  const password = Buffer.from(buffer, byteOffset, byteLength);
  const started = performance.now();
  try {
    const result = job.kind === 'hash' ? bcrypt.hashSync(password, job.rounds) : bcrypt.compareSync(password, job.hash);
    return { result, durationMs: performance.now() - started };
  } catch (error) {
    return { error };
  } finally {
    password.fill(0);
  }
}
