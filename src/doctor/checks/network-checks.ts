import { formatHostPort } from '../../platform/http/host-port.js';
import { SERVICE_VERSION } from '../../platform/http/service-info.js';
import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, fail, failInProduction, info, pass, type Verdict, warn } from './finding.js';

/** Checks of the port, proxies, origins, public pages, limits, Redis and metrics. */
export const networkChecks: Checks = {
  port,
  'trust-proxy': trustProxy,
  'cors-origins': corsOrigins,
  docs: ({ settings: { environment } }) =>
    environment.DOCS_ENABLED && !environment.DEBUG
      ? info('/docs, /redoc and /openapi.json are public', 'Set DOCS_ENABLED=False unless the API is public.')
      : pass(environment.DOCS_ENABLED ? '/docs is served' : '/docs is not served'),
  'rate-limit': (facts) =>
    facts.settings.environment.RATE_LIMIT
      ? pass('requests and sign-in attempts are limited')
      : failInProduction(facts, 'RATE_LIMIT is off: password guessing is not limited', 'Set RATE_LIMIT=True.'),
  redis,
  'metrics-token': ({ settings: { environment } }) =>
    environment.METRICS_TOKEN
      ? pass('/metrics requires METRICS_TOKEN')
      : info(
          'METRICS_TOKEN is not set: /metrics is available only on this machine, without a proxy',
          'Set it if Prometheus runs on another machine: `openssl rand -base64 24`.',
        ),
};

/** Explanations of the error codes of listening. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'this account may not use the port: ports below 1024 need a privilege',
  EADDRNOTAVAIL: 'it is not an address of this machine',
  EAFNOSUPPORT: 'this machine has no IPv6',
  ENOTFOUND: 'the host name has no address',
};

function port({ settings: { environment, unreadable }, port: found }: Facts): Verdict {
  const endpoint = formatHostPort(environment.APP_HOST, environment.APP_PORT);
  if (unreadable.has('APP_PORT') || unreadable.has('APP_HOST'))
    return info('not checked: APP_HOST or APP_PORT is invalid');
  switch (found.state) {
    case 'taken':
      return fail(
        `another program listens on ${endpoint}`,
        `Stop it, or set APP_PORT. \`ss -ltnp 'sport = :${environment.APP_PORT}'\` names it.`,
      );
    case 'refused':
      return fail(
        `${endpoint} cannot be used: ${LISTEN_ERRORS[found.code] ?? found.code}`,
        'Set APP_HOST and APP_PORT.',
      );
    case 'ours':
      return found.version === SERVICE_VERSION
        ? pass(`this service answers on ${endpoint}`)
        : warn(
            `version ${found.version} of this service answers on ${endpoint}, but this is ${SERVICE_VERSION}`,
            'Reload the service.',
          );
    default:
      if (environment.APP_PORT === 0) return warn('APP_PORT=0 uses a different port at each start', 'Set APP_PORT.');
      return environment.APP_HOST === 'localhost'
        ? warn('localhost may mean only ::1, so that a proxy cannot connect to 127.0.0.1', 'Set APP_HOST=127.0.0.1.')
        : pass(`${endpoint} is free`);
  }
}

function trustProxy({ settings: { environment } }: Facts): Verdict {
  const { TRUST_PROXY: proxies, APP_HOST: host } = environment;
  const isLocal = isLoopback(host);
  if (proxies > 0) {
    if (isLocal)
      return pass(
        `only this machine can reach the port, and headers of ${proxies} ${proxies === 1 ? 'proxy is' : 'proxies are'} trusted`,
      );
    return warn(
      `TRUST_PROXY=${proxies}, and APP_HOST=${host} accepts connections from other machines: a client that reaches the port directly can forge its address in limits and logs`,
      'Make the port reachable only for the proxy: APP_HOST=127.0.0.1, a firewall, or an unpublished port of the container.',
    );
  }
  if (isLocal) {
    return warn(
      'no proxy is trusted: behind a proxy on this machine, all clients have the address 127.0.0.1 and share their limits',
      'Set TRUST_PROXY to the number of proxies in front of the service.',
    );
  }
  return warn(
    `passwords and tokens are not encrypted: APP_HOST=${host} serves plain HTTP to other machines, and no proxy with TLS is trusted`,
    'Use a proxy with HTTPS (deploy/nginx), and set TRUST_PROXY=1 and APP_HOST=127.0.0.1.',
  );
}

/** The documented default, for a developer's machine. */
const SAMPLE_ORIGINS = new Set(['http://localhost:3000', 'http://192.168.0.112:3000']);
const SET_ORIGINS = 'Set it to the origins of your applications, or to [].';

function corsOrigins(facts: Facts): Verdict | Verdict[] {
  const { environment, given, unreadable } = facts.settings;
  const { CORS_ORIGINS: origins, DEBUG } = environment;
  if (unreadable.has('CORS_ORIGINS')) return info('not checked: CORS_ORIGINS cannot be read');
  if (origins.includes('*')) {
    return failInProduction(
      facts,
      'every website may read the responses: CORS_ORIGINS contains *',
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
    ? `CORS_ORIGINS contains the sample origins ${samples}`
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
      ? info(
          'without REDIS_URL, each process limits general requests separately; sign-in attempts are limited across all processes',
        )
      : undefined;
  }
  if (!found.isReachable)
    return warn(
      `Redis at ${found.endpoint} does not answer: each process limits requests separately`,
      'Start it, or correct REDIS_URL.',
    );
  if (!found.isTls && !found.isLocal)
    return warn(`Redis at ${found.endpoint} is used without TLS`, 'Use rediss://, or a network without other users.');
  return pass(`Redis at ${found.endpoint} accepts connections`);
}
