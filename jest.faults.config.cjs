const { projects, ...common } = require('./jest.config.cjs');

const withDatabase = projects.find(({ displayName }) => displayName === 'e2e');

/** `npm run test:faults`: the faults that take minutes, one after the other, since they measure. */
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
