import { type Changes, said } from '../../../test/support/healthy-facts.js';
import { dangerousSwitches } from '../facts/machine-facts.js';

const GIGABYTE = 1024 ** 3;

describe('node', () => {
  it.each([
    ['24.11.0', 'pass: Node.js 24.11.0, supported until 2028-04-30'],
    [
      '20.20.2',
      'warn: Node.js 20.20.2 has had no security fixes since 2026-04-30: the service works with it, but upgrade to Node.js 24',
    ],
    ['40.0.0', 'pass: Node.js 40.0.0'],
  ])('%s', (nodeVersion, expected) => {
    expect(said('node', { machine: { nodeVersion } })).toEqual([expected]);
  });
});

describe('node-switches', () => {
  it.each([
    [{ NODE_OPTIONS: '--max-old-space-size=512 --inspect=0.0.0.0:9229' }, ['NODE_OPTIONS=--inspect']],
    [{ NODE_OPTIONS: '--inspect-brk' }, ['NODE_OPTIONS=--inspect-brk']],
    [{ NODE_OPTIONS: '--insecure-http-parser' }, ['NODE_OPTIONS=--insecure-http-parser']],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_DEBUG: 'http' }, ['NODE_TLS_REJECT_UNAUTHORIZED=0', 'NODE_DEBUG=http']],
    [{ NODE_OPTIONS: '--enable-source-maps', NODE_TLS_REJECT_UNAUTHORIZED: '1' }, []],
    [{}, []],
  ])('%j', (variables, expected) => expect(dangerousSwitches(variables)).toEqual(expected));

  it('fails for each option', () => {
    expect(said('node-switches', { machine: { dangerousSwitches: ['A', 'B'] } })).toEqual([
      'fail: A is set',
      'fail: B is set',
    ]);
    expect(said('node-switches')).toEqual(['pass: Node.js runs without debugging options']);
  });
});

describe('the machine', () => {
  it.each<[string, Changes, string[]]>([
    ['account', {}, ['pass: the account is not root']],
    [
      'account',
      { machine: { isRoot: true } },
      ['warn: the service runs as root: a compromised service gives access to the whole machine'],
    ],
    ['workers', {}, ['pass: WORKERS=4 on 4 cores']],
    ['workers', { machine: { cores: 2 } }, ['warn: WORKERS=4 on 2 cores: they compete for the cores']],
    ['workers', { settings: { WORKERS: '1' } }, ['info: WORKERS=1 on 4 cores']],
    ['workers', { settings: { WORKERS: '1' }, machine: { cores: 1 } }, ['pass: WORKERS=1 on one core']],
    [
      'workers',
      { settings: { HASH_THREADS: '2' } },
      ['warn: HASH_THREADS=2 in 4 workers on 4 cores: hashes delay other requests'],
    ],
    ['memory', {}, ['pass: 8.0 GB for 4 workers']],
    ['memory', { machine: { memoryBytes: GIGABYTE / 2 } }, ['warn: 0.5 GB for 4 workers']],
    ['memory', { machine: { memoryBytes: GIGABYTE / 2 }, settings: { WORKERS: '1' } }, ['pass: 0.5 GB for one worker']],
    ['open-files', {}, ['pass: a process may open 65535 files']],
    [
      'open-files',
      { machine: { openFiles: 1024 } },
      ['warn: a process may open 1024 files, including one per connection (MAX_CONNECTIONS=4000)'],
    ],
    [
      'open-files',
      { machine: { openFiles: 1024 }, settings: { MAX_CONNECTIONS: '900' } },
      ['pass: a process may open 1024 files'],
    ],
    ['open-files', { machine: { openFiles: Infinity } }, ['pass: a process may open any number of files']],
    ['open-files', { machine: { openFiles: undefined } }, []],
  ])('%s of %j', (check, changes, expected) => expect(said(check, changes)).toEqual(expected));
});

describe('folders', () => {
  const logs = { path: '/logs', exists: true, unwritable: undefined, freeBytes: 50 * GIGABYTE };

  it.each([
    [logs, 'pass: /logs can be written, 50 GB free'],
    [{ ...logs, exists: false }, 'pass: /logs, which will be created, can be written, 50 GB free'],
    [{ ...logs, freeBytes: undefined }, 'pass: /logs can be written'],
    [{ ...logs, freeBytes: GIGABYTE / 2 }, 'warn: /logs can be written, 0.5 GB free'],
    [{ ...logs, freeBytes: GIGABYTE / 20 }, 'fail: /logs can be written, 0.1 GB free'],
    [
      { ...logs, unwritable: 'EACCES: permission denied' },
      'fail: LOG_DIR cannot be written: EACCES: permission denied',
    ],
    [undefined, 'info: LOG_DIR is not set: the log goes to stdout'],
  ])('log-dir %j', (facts, expected) => {
    expect(said('log-dir', { facts: { logs: facts } })).toEqual([expected]);
  });

  it('checks data-dir only with the embedded database', () => {
    expect(said('data-dir')).toEqual([]);
    expect(said('data-dir', { facts: { data: { ...logs, path: '/data', unwritable: 'no' } } })).toEqual([
      'fail: DATA_DIR cannot be written: no',
    ]);
  });
});
