// @ts-check
/**
 * Hashes passwords in a worker thread. bcrypt's asynchronous functions use the pool of libuv, where DNS look-ups and file
 * operations would wait behind every hash. JavaScript, because Node loads this file itself, even under Jest.
 */
import { getPriority, setPriority } from 'node:os';
import bcrypt from 'bcrypt';

/** Added to the niceness of the process; gives the thread about a tenth of the weight in Linux's scheduler. */
const NICENESS_INCREMENT = 10;
const MAX_NICENESS = 19;

lowerPriority();

function lowerPriority() {
  // On Linux, 0 means the calling thread. On other systems the priority applies to the whole process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(getPriority(0) + NICENESS_INCREMENT, MAX_NICENESS));
  } catch {
    // A sandbox may forbid this. Hashing also works at normal priority.
  }
}

/**
 * @param {import('./hash-task.js').HashTask} task
 * @returns {import('./hash-task.js').HashTaskResult}
 */
export default function runTask(task) {
  const { buffer, byteOffset, byteLength } = task.password;
  const password = Buffer.from(buffer, byteOffset, byteLength);
  const started = performance.now();
  try {
    const result =
      task.kind === 'hash' ? bcrypt.hashSync(password, task.rounds) : bcrypt.compareSync(password, task.hash);
    return { result, durationMs: performance.now() - started };
  } catch (error) {
    return { error };
  } finally {
    password.fill(0);
  }
}
