// @ts-check
/** Loaded into a process of the service (NODE_OPTIONS=--import): causes uncaught errors on signals. */
process.on('SIGUSR2', () => {
  throw Object.assign(new Error('a listener threw'), { parameters: ['a-secret-of-the-statement'] });
});
process.on('SIGWINCH', () => {
  void Promise.reject(new Error('nobody awaited this'));
});
