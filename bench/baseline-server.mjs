/**
 * The baseline for GET /users/me: plain Fastify and pg with the same token check, batched look-up, response and request
 * log. Reads the settings of the service.
 */
import { createSecretKey, randomUUID } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { pino } from 'pino';

const { SECRET_KEY, DATABASE_URL, APP_PORT } = process.env;
const key = createSecretKey(Buffer.from(SECRET_KEY));
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const checks = { algorithms: ['HS256'], issuer: 'nest-auth-backend', audience: 'nest-auth-backend' };

let waiting = [];
function userOf(id) {
  return new Promise((resolve, reject) => {
    if (waiting.push({ id, resolve, reject }) === 1) setImmediate(() => void lookUp());
  });
}

async function lookUp() {
  const batch = waiting;
  waiting = [];
  try {
    const ids = [...new Set(batch.map(({ id }) => id))];
    const { rows } = await pool.query(
      'SELECT id, username, email, is_active, is_superuser, created_at FROM users WHERE id = ANY($1)',
      [ids],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { id, resolve } of batch) resolve(byId.get(id));
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

const app = Fastify({
  loggerInstance: pino({ level: 'info', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }),
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: () => randomUUID(),
});
app.addHook('onResponse', (request, reply, done) => {
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: reply.elapsedTime,
    },
    'request',
  );
  done();
});
app.get('/api/v1/users/me', async (request, reply) => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  let claims;
  try {
    if (scheme?.toLowerCase() !== 'bearer') throw new Error('no token');
    claims = jwt.verify(token, key, checks);
  } catch {
    return reply.code(401).header('www-authenticate', 'Bearer').send({ detail: 'Could not validate credentials' });
  }
  const user = await userOf(Number(claims.sub));
  if (!user?.is_active) return reply.code(401).send({ detail: 'Could not validate credentials' });
  return user;
});
await app.listen({ port: Number(APP_PORT), host: '127.0.0.1' });
