import { isRunning } from './process-identity.js';

const EVERY_MS = 200;

/**
 * Calls back once when the process that started this one has ended. npm runs a script in a shell (dash, cmd.exe) that
 * ends at SIGTERM without passing it on, so the script's program would continue to run.
 */
export function onParentGone(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (isStillParent(parent)) return;
    clearInterval(timer);
    callback();
  }, EVERY_MS);
  timer.unref();
}

/** Windows keeps the process id of a parent that has ended; other systems give an orphan another parent. */
function isStillParent(parent: number): boolean {
  return process.platform === 'win32' ? isRunning(parent) : process.ppid === parent;
}
