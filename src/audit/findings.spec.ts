import { readableVerification, type Verification } from './findings.js';

const INTACT: Verification = {
  intact: true,
  findings: [],
  seals: 2,
  events: 5,
  erased: 1,
  unsealed: 3,
  head: { seq: '2', hash: 'ab' },
  checkpoint: null,
};

describe('readableVerification', () => {
  it('reports the counts and the head of the chain', () => {
    expect(readableVerification(INTACT)).toBe(
      'The audit log is intact: 5 events in 2 seals, 1 with erased details, 3 not sealed yet.\n' +
        'Head of the chain: 2:ab',
    );
  });

  it('reports the findings in order, and the months that retention dropped', () => {
    const text = readableVerification({
      ...INTACT,
      intact: false,
      findings: [
        { kind: 'event.missing', seq: '1', eventId: '3', message: 'event 3 of seal 1 is missing' },
        { kind: 'seal.changed', seq: '2', message: 'seal 2 was changed' },
      ],
      checkpoint: { droppedBefore: '2025-10-01', lastSeq: '0', lastHash: '00' },
    });
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^The audit log is BROKEN .* First finding: event 3 of seal 1 is missing$/),
      '  then: seal 2 was changed',
      'Events before 2025-10-01 were dropped by retention.',
      'Head of the chain: 2:ab',
    ]);
  });
});
