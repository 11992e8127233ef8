const { availableParallelism } = require('node:os');

/** Jest compiles everything, Nest's ESM packages included, to CommonJS: Jest's own ESM mode cannot load them on Node 20. */
const esmPackages = [
  '@nestjs',
  '@fastify',
  '@borewit',
  '@tokenizer',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  'load-esm',
  'es-toolkit',
  'ansis',
  'js-yaml',
  'yargs',
  'cookie',
  'content-disposition',
  'uuid',
];
const compile = (source) => ({
  [source]: [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: source.includes('ts') ? 'typescript' : 'ecmascript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2022',
        keepClassNames: true,
      },
      module: { type: 'commonjs', ignoreDynamic: false },
      sourceMaps: 'inline',
    },
  ],
});
const common = {
  testEnvironment: 'node',
  transform: { ...compile('^.+\\.ts$'), ...compile('^.+\\.m?js$') },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

const withDatabase = {
  ...common,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  testTimeout: 120_000,
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'lcov'],
  coverageThreshold: { global: { lines: 95 } },
  // Jest would leave one core out; the tests wait as much as they compute. More workers would need more connections.
  maxWorkers: Math.min(availableParallelism() + 1, 4),
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...withDatabase,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,contract,faults}/**/*.test.ts'],
      // Those that take minutes are for `npm run test:faults`.
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/faults/long/'],
    },
    { ...withDatabase, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
};
