import { unsupportedNode } from './node-support.js';

const on = (day: string) => new Date(`${day}T12:00:00Z`);

describe('unsupportedNode', () => {
  it('warns from the day after the last day of support', () => {
    expect(unsupportedNode('20.20.2', on('2026-04-30'))).toBeUndefined();
    expect(unsupportedNode('20.20.2', on('2026-05-01'))).toBe(
      'Node.js 20.20.2 has had no security fixes since 2026-04-30: the service works with it, but upgrade to Node.js 24',
    );
  });

  it.each([
    ['22.12.0', '2027-04-30', '2027-05-01'],
    ['24.0.0', '2028-04-30', '2028-05-01'],
    ['25.1.0', '2026-06-01', '2026-06-02'],
  ])('warns about %s after its last day of support', (version, last, next) => {
    expect(unsupportedNode(version, on(last))).toBeUndefined();
    expect(unsupportedNode(version, on(next))).toContain(version);
  });

  it('does not warn about an unknown version', () => {
    expect(unsupportedNode('99.0.0', on('2040-01-01'))).toBeUndefined();
  });
});
