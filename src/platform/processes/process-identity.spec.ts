import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLiveness, identifyThisProcess, isRunning, parseProcStat } from './process-identity.js';

const endedPid = () => spawnSync(process.execPath, ['--version']).pid;

describe('parseProcStat', () => {
  const rest = 'S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 89280 313';

  it('returns field 22, regardless of the name of the program', () => {
    expect(parseProcStat(`12 (node) ${rest}`)).toBe('89280');
    expect(parseProcStat(`12 (a) R 1 (b) ${rest}`)).toBe('89280');
  });

  it('recognizes a zombie', () => {
    expect(parseProcStat(`12 (node) ${rest.replace('S', 'Z')}`)).toBe('zombie');
  });
});

describe('isRunning', () => {
  it('is true for this process and false for one that ended', () => {
    expect(isRunning(process.pid, identifyThisProcess().startedAt)).toBe(true);
    expect(isRunning(endedPid())).toBe(false);
  });

  const itOnLinux = process.platform === 'linux' ? it : it.skip;
  itOnLinux('is false for a zombie, which signals still reach', async () => {
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(output.toString());
    // A shell would reap its child; `sleep`, which has replaced the shell, does not.
    while (readFileSync(`/proc/${parent.pid}/comm`, 'latin1') !== 'sleep\n') await sleep(5);
    process.kill(zombie, 'SIGKILL');
    while (!readFileSync(`/proc/${zombie}/stat`, 'latin1').includes(') Z ')) await sleep(5);
    expect(process.kill(zombie, 0)).toBe(true);
    expect(isRunning(zombie)).toBe(false);
    parent.kill();
  });

  const itWhereStartTimesAreKnown = identifyThisProcess().startedAt === null ? it.skip : it;
  itWhereStartTimesAreKnown('is false if another process has the same pid', () => {
    expect(isRunning(process.pid, 'an earlier time')).toBe(false);
  });
});

describe('checkLiveness', () => {
  const self = { pid: process.pid, startedAt: null, pidNamespace: 'pid:[1]', bootId: 'boot 1', host: 'here' };

  it.each([
    ['alive', 'the same process', {}],
    ['unseen', 'another container of this machine', { pidNamespace: 'pid:[2]', host: 'container' }],
    ['unseen', 'a container with the host name of the machine', { pidNamespace: 'pid:[2]' }],
    ['unseen', 'another machine', { bootId: 'boot 9', host: 'there' }],
    ['dead', 'this machine before its last boot', { bootId: 'boot 0' }],
  ])('%s: %s', (liveness, _process, other) => {
    expect(checkLiveness({ ...self, ...other }, self)).toBe(liveness);
  });

  it('dead: a process that ended', () => {
    expect(checkLiveness({ ...self, pid: endedPid() }, self)).toBe('dead');
  });
});
