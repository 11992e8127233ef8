// @ts-check
/**
 * One thread that hashes passwords, outside libuv's pool: name look-ups, files and the handshake of new database
 * connections would wait there behind every hash before them (rows M12-M15). JavaScript, because a thread is started
 * from a file that Node itself must be able to read, under Jest too.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcrypt';

/** How much a hash steps back behind serving requests: a tenth of the weight in Linux's scheduler. */
const NICER = 10;
const NICEST = 19;

if (!parentPort) throw new Error('this file runs as a thread only');
const parent = parentPort;
stepBack();
parent.on('message', (/** @type {import('./hash-job.js').HashJob} */ job) => parent.postMessage(answer(job), []));

function stepBack() {
  // Elsewhere a priority is the process's; on Linux 0 means the calling thread.
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(getPriority(0) + NICER, NICEST));
  } catch {
    // A sandbox forbids it: passwords are hashed all the same.
  }
}

/**
 * @param {import('./hash-job.js').HashJob} job
 * @returns {import('./hash-job.js').HashAnswer}
 */
function answer(job) {
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
