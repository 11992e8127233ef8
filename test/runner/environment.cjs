const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const { ModuleMocker } = require('jest-mock');

const { promises: _promises, ...realTimers } = timers;
const realTimersPromises = { ...timersPromises };
const { setTimeout: sleep } = timersPromises;

/** The symbols under which Jest keeps the state of a test file in the global object. */
const STATE_OF_JEST = /JEST_STATE|EVENT_HANDLERS|RETRY|TEST_TIMEOUT/;
const isStateOfJest = (key) => typeof key === 'symbol' && STATE_OF_JEST.test(key.description ?? '');

const countServers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

/** Test files run in the worker's own global object, one after the other: what a file changes is put back after it. */
module.exports = class SharedEnvironment {
  global = globalThis;
  variables = { ...process.env };
  folder = process.cwd();
  exit = process.exit;
  exitCode = process.exitCode;
  Date = Date;
  servers = countServers();

  constructor({ projectConfig: config }) {
    const { global } = this;
    this.moduleMocker = new ModuleMocker(global);
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    this.fakeTimers = new LegacyFakeTimers({ config, global, moduleMocker: this.moduleMocker, timerConfig });
    this.fakeTimersModern = new ModernFakeTimers({ config, global });
    const { useFakeTimers } = this.fakeTimersModern;
    this.fakeTimersModern.useFakeTimers = function use({ doNotFake = [], ...options } = {}) {
      // The streams of the worker need the real nextTick.
      useFakeTimers.call(this, { ...options, doNotFake: [...doNotFake, 'nextTick'] });
      // In a separate context, Jest fakes only the functions of the global object.
      Object.assign(timers, realTimers);
      Object.assign(timersPromises, realTimersPromises);
    };
  }

  async setup() {}

  async teardown() {
    this.restore();
    // An application that is left running would disturb the files after this one.
    for (const deadline = Date.now() + 15_000; countServers() > this.servers; await sleep(20)) {
      if (Date.now() > deadline) throw new Error('The test file left a server listening');
    }
  }

  restore() {
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    for (const key of Reflect.ownKeys(globalThis)) {
      if (isStateOfJest(key)) delete globalThis[key];
    }
    process.exit = this.exit;
    process.exitCode = this.exitCode;
    globalThis.Date = this.Date;
    process.chdir(this.folder);
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  /** There is no context: the runtime compiles for the worker's own. */
  getVmContext() {
    return null;
  }
};
