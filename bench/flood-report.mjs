/** The table of flood.mjs: one row per figure, one column per flood. */

const HASHED = '401 auth.invalid_credentials';
const SHED = '503 auth.overloaded';

const GROUPS = {
  'hashing threads': 'hashing',
  'rest of the service': 'service',
  nginx: 'nginx',
  attackers: 'attackers',
  'other clients': 'clients',
  'whole machine': 'machine',
};

/** @param alone hashes per second of bcrypt alone on the machine */
export function report(floods, alone) {
  const line = (figure, demand, ...values) =>
    console.log([figure.padEnd(46), demand.padEnd(24), ...values.map((value) => String(value).padEnd(34))].join(' '));
  const each = (figure, demand, valueOf) => line(figure, demand, ...floods.map(valueOf));

  line('figure', 'target', ...floods.map(({ name }) => name));
  each('GET /users/me p99, idle', '', ({ me }) => ms(p(99, times(me.idle))));
  each('GET /users/me p99', '<= 3x idle, <= 50 ms', ({ me }) => {
    const ratio = p(99, times(me.flood)) / p(99, times(me.idle));
    return `${ms(p(99, times(me.flood)))} (${ratio.toFixed(1)}x)`;
  });
  each(`GET ${floods[0].live} p99`, '<= 20 ms', ({ health }) => ms(p(99, times(health.flood))));
  each('5xx other than 503 with Retry-After', '0', unexpectedAnswers);
  each('503 of the hash queue p99', '<= 50 ms', ({ attack }) => ms(p(99, attack.answers[SHED] ?? [])));
  each('honest login, worst', 'success <= 3 s', ({ honest: { logins } }) => {
    const failed = logins.filter(({ status }) => status !== 200).length;
    return `${ms(Math.max(...times(logins)))}${failed ? `, ${failed} failed` : ''}`;
  });
  each('  p50, tries', '', ({ honest: { logins } }) => {
    const tries = logins.reduce((sum, login) => sum + login.tries, 0);
    return `${ms(p(50, times(logins)))}, ${tries} for ${logins.length}`;
  });
  each('event loop lag p99', '<= 30 ms', ({ probes }) => ms(Math.max(...probes.map(({ loopLag }) => loopLag))));
  each('hashes per second', '>= 80 % of bcrypt alone', (flood) => {
    const rate = hashes(flood) / flood.seconds;
    return `${rate.toFixed(2)} of ${alone.toFixed(2)} (${percent(rate / alone)})`;
  });
  each('dns.lookup, worst', '<= 50 ms', ({ probes }) => ms(Math.max(...probes.flatMap(({ lookUps }) => lookUps))));
  each('new connection to PostgreSQL, worst', '<= 1 s', ({ probes }) =>
    ms(Math.max(...probes.flatMap(({ connections }) => connections))),
  );
  each('p99 of /users/me back to normal after', '<= 2 s', recovery);
  each('RSS growth, worst process', '<= 50 MB', ({ rssGrowth }) => `${Math.max(...rssGrowth).toFixed(0)} MB`);
  each('known and unknown name, medians', 'within 10 %', ({ honest: { known, unknown } }) => {
    const [a, b] = [p(50, known), p(50, unknown)];
    return `${ms(a)}, ${ms(b)} (${percent(Math.abs(a - b) / Math.min(a, b))}, ${known.length} + ${unknown.length})`;
  });
  console.log();
  for (const kind of [...new Set(floods.flatMap(({ attack }) => Object.keys(attack.answers)))].toSorted((a, b) =>
    a.localeCompare(b),
  )) {
    each(`guesses answered ${kind}`, '', ({ attack: { answers } }) => {
      const of = answers[kind] ?? [];
      return `${of.length}, p99 ${ms(p(99, of))}`;
    });
  }
  for (const [name, group] of Object.entries(GROUPS)) {
    each(`CPU, ${name}`, '', ({ shares }) => `${shares[group].toFixed(2)} cores`);
  }
}

function unexpectedAnswers({ attack, me, health }) {
  const faults = Object.entries(attack.answers).filter(([kind]) => kind.startsWith('5') && !kind.startsWith('503'));
  const guesses = faults.reduce((sum, [, { length }]) => sum + length, 0);
  const watched = [...me.flood, ...health.flood].filter(({ status }) => status !== 200).length;
  return `${guesses + attack.bare503 + attack.failures + watched}`;
}

function hashes({ attack, honest: { logins, known, unknown } }) {
  return (attack.answers[HASHED]?.length ?? 0) + logins.length + known.length + unknown.length;
}

/** Seconds from the end of the flood until the last request that took longer than the slowest idle request. */
function recovery({ me: { idle, after, ended } }) {
  const normal = Math.max(...times(idle));
  const late = after.filter((sample) => sample.ms > normal);
  return `${late.length ? ((Math.max(...late.map(({ at, ms }) => at + ms)) - ended) / 1000).toFixed(1) : '0'} s`;
}

const times = (samples) => samples.map(({ ms }) => ms);
const ms = (value) => (value === undefined ? '-' : `${value.toFixed(value < 100 ? 1 : 0)} ms`);
const percent = (share) => `${(share * 100).toFixed(0)} %`;

function p(percentile, values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percentile / 100) * sorted.length) - 1)];
}
