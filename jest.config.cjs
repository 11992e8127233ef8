const { availableParallelism } = require('node:os');

/** Packages that Jest compiles to CommonJS, like our code: its own ESM mode cannot load them on Node.js 20. */
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
  // Jest's default leaves one core unused, but the tests also wait. More than 4 workers would need more connections.
  maxWorkers: Math.min(availableParallelism() + 1, 4),
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...withDatabase,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,contract,faults}/**/*.test.ts'],
      // Tests that take minutes: `npm run test:faults` runs them.
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/faults/long/'],
    },
    { ...withDatabase, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
};
