import { healthyFacts } from '../../test/support/healthy-facts.js';
import { diagnose } from './diagnose.js';

describe('diagnose', () => {
  it('finds nothing but good in a healthy service, or what is neither', () => {
    const findings = diagnose(healthyFacts());
    expect(findings.filter(({ level }) => level !== 'pass').map(({ check }) => check)).toEqual([]);
    expect(findings.length).toBeGreaterThan(30);
  });

  it('gives every warning and every failure a remedy, and no check two names', () => {
    const sick = healthyFacts({
      settings: {
        SECRET_KEY: 'k'.repeat(64),
        SECRET_KEY_PREVIOUS: 'short',
        APP_HOST: '0.0.0.0',
        BCRYPT_ROUNDS: '10',
        RATE_LIMIT: 'off',
      },
      server: { isSuperuser: true, survivesCrash: false },
      facts: { backups: { state: 'unset' }, port: { state: 'taken' } },
    });
    const findings = diagnose(sick);
    const remedied = findings.filter(({ level }) => level === 'warn' || level === 'fail');
    expect(remedied.length).toBeGreaterThan(8);
    expect(remedied.filter(({ remedy }) => !remedy)).toEqual([]);
    const places = new Set(findings.map(({ group, check }) => `${group} ${check}`));
    expect(new Set(findings.map(({ check }) => check)).size).toBe(places.size);
  });

  it('says of a database that it cannot see only that', () => {
    for (const database of [
      { state: 'unknown', reason: 'x' },
      { state: 'unreachable', reason: 'x' },
      { state: 'embedded' },
    ] as const) {
      const findings = diagnose(healthyFacts({ facts: { database } }));
      expect(findings.filter(({ group }) => group === 'Database').map(({ check }) => check)).toEqual(['database']);
    }
  });
});
