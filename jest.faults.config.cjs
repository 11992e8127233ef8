const { projects, ...common } = require('./jest.config.cjs');

const withDatabase = projects.find(({ displayName }) => displayName === 'e2e');

/** `npm run test:faults`: the fault tests that take minutes. They run one after the other because they measure times. */
module.exports = {
  ...common,
  maxWorkers: 1,
  projects: [
    {
      ...withDatabase,
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/long/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/'],
    },
  ],
};
