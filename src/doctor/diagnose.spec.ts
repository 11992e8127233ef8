import { healthyFacts } from '../../test/support/healthy-facts.js';
import { diagnose } from './diagnose.js';

describe('diagnose', () => {
  it('gives only passes and notes for a healthy service', () => {
    const findings = diagnose(healthyFacts());
    expect(findings.filter(({ level }) => level !== 'pass').map(({ check }) => check)).toEqual([]);
    expect(findings.length).toBeGreaterThan(30);
  });

  it('gives a remedy for every warning and failure, and uses each check name in one group', () => {
    const unhealthy = healthyFacts({
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
    const findings = diagnose(unhealthy);
    const problems = findings.filter(({ level }) => level === 'warn' || level === 'fail');
    expect(problems.length).toBeGreaterThan(8);
    expect(problems.filter(({ remedy }) => !remedy)).toEqual([]);
    const checksInGroups = new Set(findings.map(({ group, check }) => `${group} ${check}`));
    expect(new Set(findings.map(({ check }) => check)).size).toBe(checksInGroups.size);
  });

  it('has a single finding for a database that it cannot examine', () => {
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
