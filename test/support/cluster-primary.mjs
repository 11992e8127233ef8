// @ts-check
/**
 * A cluster primary like PM2 that can delay a connection to the first worker: `hold` keeps the next connection, `shutdown`
 * stops that worker, and the connection is delivered at the last moment, when the worker announces its disconnect.
 */
import cluster from 'node:cluster';

cluster.setupPrimary({ exec: process.argv[2] ?? '' });

const tell = (/** @type {unknown} */ message) => process.send?.(message);
const [first] = [cluster.fork(), cluster.fork()];
if (!first) throw new Error('no worker');

let holding = false;
/** @type {(() => void)[]} */
const held = [];
const send = first.process.send.bind(first.process);
first.process.send = (/** @type {any[]} */ ...parcel) => {
  const deliver = () => Reflect.apply(send, undefined, parcel);
  if (!holding || parcel[0]?.act !== 'newconn') return deliver();
  held.push(deliver);
  tell('held');
  return true;
};
first.process.prependListener('internalMessage', ({ act }) => {
  if (act !== 'exitedAfterDisconnect') return;
  holding = false;
  for (const deliver of held.splice(0)) deliver();
});

let ready = 0;
cluster.on('message', (_worker, message) => {
  if (message === 'ready' && ++ready === 2) tell('ready');
});
cluster.on('exit', (_worker, code) => tell({ exited: code }));
process.on('message', (message) => {
  if (message === 'hold') holding = true;
  if (message === 'shutdown') first.send('shutdown');
});
process.on('disconnect', () => process.exit());
