const { readFileSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const { createRequire, isBuiltin } = require('node:module');
const { isAbsolute, join } = require('node:path');
const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const loadTypeScript = require('./native-typescript.cjs');

/** How a test file begins that replaces a source by a mock, or declares something that no other file may see. */
const OWN_SOURCES = '/** @own-sources';

/** What the sources of the worker are compiled to, by file name. */
const compiled = new Map();
/** The files whose code the main process has for the report on coverage. */
const reported = new Set();
let compile;
let profiler;

/**
 * Loads packages and `src/` with Node's own loader, once in a worker. Evaluating them again for every test file took
 * half of the time of the suite. Test files and `test/support` are evaluated for every test file, as Jest does.
 */
module.exports = class SharedRuntime extends Runtime {
  constructor(config, environment, resolver, transformer, cacheFS, coverageOptions, testPath, globalConfig) {
    super(config, environment, resolver, transformer, cacheFS, coverageOptions, testPath, globalConfig);
    this.sources = join(config.rootDir, 'src/');
    this.hasOwnSources = readFileSync(testPath, 'utf8').startsWith(OWN_SOURCES);
    this.executor.compile = (code, filename) =>
      vm.compileFunction(code, this.executor.injectedModuleParameters, { filename });
    if (!compile) this.shareSources();
    compile = (filename) => {
      const result = transformer.transform(filename, this._getFullTransformationOptions());
      compiled.set(filename, result);
      super.getSourceMaps().set(filename, result.sourceMapPath);
      return result.code;
    };
  }

  shareSources() {
    // With one worker the global setup has loaded some of them in this process, in a way that coverage does not see.
    for (const path of Object.keys(require.cache)) if (path.startsWith(this.sources)) delete require.cache[path];
    loadTypeScript(this.sources, (filename) => compile(filename));
  }

  requireModule(from, name, options, isRequireActual) {
    if (!options?.isInternalModule && name && !isBuiltin(name)) {
      if (!name.startsWith('.') && !isAbsolute(name)) return createRequire(from)(name);
      const path = this._resolution.resolveCjs(from, name);
      if (this.isShared(path)) return require(path);
    }
    return super.requireModule(from, name, options, isRequireActual);
  }

  isShared(path) {
    return !this.hasOwnSources && path.startsWith(this.sources) && !path.endsWith('.spec.ts');
  }

  /** A mock would reach the imports of the test file, but not those of shared sources. */
  setMock(...mock) {
    if (!this.hasOwnSources) throw new Error(`A test file that mocks a module must begin with ${OWN_SOURCES}`);
    super.setMock(...mock);
  }

  /** Only the part of Jest that keeps the state of a test file is evaluated for each; its packages are shared. */
  requireInternalModule(from, name) {
    return name ? createRequire(from)(name) : super.requireInternalModule(from);
  }

  getSourceMaps() {
    const maps = super.getSourceMaps();
    for (const [filename, { sourceMapPath }] of compiled) maps.set(filename, sourceMapPath);
    return maps;
  }

  /** Counts from the first file to the last: V8 counts the blocks only of what it compiles meanwhile. */
  async collectV8Coverage() {
    if (!profiler) {
      profiler = new Session();
      profiler.connect();
      await profiler.post('Profiler.enable');
      await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    }
  }

  /** Reports the sources that the test file has used, and their code once: all of it for every file would be gigabytes. */
  async stopCollectingV8Coverage() {
    const { result } = await profiler.post('Profiler.takePreciseCoverage');
    const used = result.filter(({ functions }) => functions.some(({ ranges }) => ranges[0].count > 0));
    const sources = new Map([...compiled, ...this.transformCache.getEntries()]);
    for (const filename of reported) sources.delete(filename);
    for (const filename of sources.keys()) reported.add(filename);
    Object.assign(this.v8Coverage, { result: used, sources });
  }
};
