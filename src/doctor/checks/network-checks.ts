import { formatHostPort } from '../../platform/http/host-port.js';
import { SERVICE_VERSION } from '../../platform/http/service-info.js';
import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, fail, failInProduction, info, pass, type Verdict, warn } from './finding.js';

/** Who reaches the service, how, and how often. */
export const networkChecks: Checks = {
  port,
  'trust-proxy': trustProxy,
  'cors-origins': corsOrigins,
  docs: ({ settings: { environment } }) =>
    environment.DOCS_ENABLED && !environment.DEBUG
      ? info(
          '/docs, /redoc and /openapi.json are open to everybody',
          'Set DOCS_ENABLED=False unless the API is public.',
        )
      : pass(environment.DOCS_ENABLED ? '/docs is served' : '/docs is not served'),
  'rate-limit': (facts) =>
    facts.settings.environment.RATE_LIMIT
      ? pass('requests and sign-ins are limited')
      : failInProduction(facts, 'RATE_LIMIT is off: passwords can be guessed without end', 'Set RATE_LIMIT=True.'),
  redis,
  'metrics-token': ({ settings: { environment } }) =>
    environment.METRICS_TOKEN
      ? pass('/metrics wants METRICS_TOKEN')
      : info(
          'METRICS_TOKEN is not set: only this machine reads /metrics, and not through a proxy',
          'Set it when Prometheus runs elsewhere: `openssl rand -base64 24`.',
        ),
};

/** What listening says when it is refused. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'this account may not listen there: ports below 1024 need a right',
  EADDRNOTAVAIL: 'it is no address of this machine',
  EAFNOSUPPORT: 'this machine has no IPv6',
  ENOTFOUND: 'no address is known for the name',
};

function port({ settings: { environment, unreadable }, port: found }: Facts): Verdict {
  const place = formatHostPort(environment.APP_HOST, environment.APP_PORT);
  if (unreadable.has('APP_PORT') || unreadable.has('APP_HOST')) return info('not checked: its settings cannot be read');
  switch (found.state) {
    case 'taken':
      return fail(
        `another program listens on ${place}`,
        `Stop it, or set APP_PORT. \`ss -ltnp 'sport = :${environment.APP_PORT}'\` names it.`,
      );
    case 'refused':
      return fail(
        `${place} cannot be listened on: ${REFUSALS[found.code] ?? found.code}`,
        'Set APP_HOST and APP_PORT.',
      );
    case 'ours':
      return found.version === SERVICE_VERSION
        ? pass(`this service answers on ${place}`)
        : warn(
            `version ${found.version} of this service answers on ${place}, this is ${SERVICE_VERSION}`,
            'Reload the service.',
          );
    default:
      if (environment.APP_PORT === 0) return warn('APP_PORT=0 takes another port at each start', 'Set APP_PORT.');
      return environment.APP_HOST === 'localhost'
        ? warn('localhost may mean ::1 alone, where a proxy to 127.0.0.1 finds nobody', 'Set APP_HOST=127.0.0.1.')
        : pass(`${place} is free`);
  }
}

function trustProxy({ settings: { environment } }: Facts): Verdict {
  const { TRUST_PROXY: proxies, APP_HOST: host } = environment;
  const isLocal = isLoopback(host);
  if (proxies > 0) {
    if (isLocal) return pass(`only this machine reaches the port, ${proxies} of its proxies is believed`);
    return warn(
      `TRUST_PROXY=${proxies}, and APP_HOST=${host} listens to more than this machine: whoever reaches the port directly chooses the address that limits and logs see`,
      'Let nothing but the proxy reach the port: APP_HOST=127.0.0.1, a firewall, or an unpublished port of the container.',
    );
  }
  if (isLocal) {
    return warn(
      'no proxy is believed: behind one on this machine every client has the address 127.0.0.1, and they share their limits',
      'Set TRUST_PROXY to the number of proxies in front.',
    );
  }
  return warn(
    `passwords and tokens travel in the clear: APP_HOST=${host} speaks HTTP to everybody, and no proxy with TLS is believed`,
    'Put a proxy with HTTPS in front (deploy/nginx), set TRUST_PROXY=1 and APP_HOST=127.0.0.1.',
  );
}

/** The documented default, of a developer's machine. */
const SAMPLE_ORIGINS = new Set(['http://localhost:3000', 'http://192.168.0.112:3000']);
const SET_ORIGINS = 'Set it to the origins of your applications, or to [].';

function corsOrigins(facts: Facts): Verdict | Verdict[] {
  const { environment, given, unreadable } = facts.settings;
  const { CORS_ORIGINS: origins, DEBUG } = environment;
  if (unreadable.has('CORS_ORIGINS')) return info('not checked: CORS_ORIGINS cannot be read');
  if (origins.includes('*')) {
    return failInProduction(
      facts,
      'every website may read the answers: CORS_ORIGINS holds *',
      'List the origins of your own applications.',
    );
  }
  if (DEBUG) return pass(`${origins.length} origins`);
  const verdicts = [...sampleOrigins(origins, given), ...plainOrigins(origins)];
  return verdicts.length > 0 ? verdicts : pass(origins.length > 0 ? origins.join(', ') : 'no website may call the API');
}

function sampleOrigins(origins: readonly string[], given: ReadonlySet<string>): Verdict[] {
  const samples = origins.filter((origin) => SAMPLE_ORIGINS.has(origin)).join(' and ');
  if (samples === '') return [];
  const found = given.has('CORS_ORIGINS')
    ? `CORS_ORIGINS holds the samples ${samples}`
    : `CORS_ORIGINS is not set, so the documented default origins apply: ${samples}`;
  return [warn(found, SET_ORIGINS)];
}

function plainOrigins(origins: readonly string[]): Verdict[] {
  return origins
    .filter((origin) => origin.startsWith('http:') && !SAMPLE_ORIGINS.has(origin))
    .filter((origin) => !isLoopback(new URL(origin).hostname))
    .map((origin) =>
      warn(
        `${origin} does not use TLS: anybody on the network path can impersonate it`,
        'Serve the application over HTTPS.',
      ),
    );
}

function redis({ settings: { environment }, redis: found }: Facts): Verdict | undefined {
  if (!found) {
    return environment.WORKERS > 1
      ? info('without REDIS_URL each process counts general requests for itself; sign-ins are counted over all of them')
      : undefined;
  }
  if (!found.isReachable)
    return warn(
      `Redis at ${found.place} does not answer: each process counts for itself`,
      'Start it, or mend REDIS_URL.',
    );
  if (!found.isTls && !found.isLocal)
    return warn(
      `Redis at ${found.place} is reached without TLS`,
      'Use rediss://, or a network that nobody else is on.',
    );
  return pass(`Redis at ${found.place} accepts connections`);
}
