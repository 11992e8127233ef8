/** Maps `./x.js` to `./x.ts` in Jest's global setup; for tests Jest does this itself. */
const Module = require('node:module');

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolve(request, ...rest) {
  try {
    return resolveFilename.call(this, request, ...rest);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.js$/.test(request)) throw error;
    return resolveFilename.call(this, request.replace(/js$/, 'ts'), ...rest);
  }
};
