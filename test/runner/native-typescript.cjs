const Module = require('node:module');

/**
 * Makes Node's own `require` load the TypeScript of `folder`. Sources import `./x.js`, as the compiled files do.
 *
 * @param {string} folder absolute path
 * @param {(filename: string) => string} compile gives CommonJS
 */
module.exports = function loadTypeScript(folder, compile) {
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function resolve(request, parent, ...rest) {
    const ofSource = request.startsWith('.') && parent?.filename?.startsWith(folder);
    if (!ofSource) return resolveFilename.call(this, request, parent, ...rest);
    try {
      return resolveFilename.call(this, request.replace(/\.js$/, '.ts'), parent, ...rest);
    } catch {
      return resolveFilename.call(this, request, parent, ...rest);
    }
  };
  Module._extensions['.ts'] = (module, filename) => module._compile(compile(filename), filename);
};
