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
  it('says what was looked at, and the head to write down', () => {
    expect(readableVerification(INTACT)).toBe(
      'The audit log is intact: 5 events in 2 seals, 1 of them with their details erased, 3 not sealed yet.\n' +
        'Head of the chain: 2:ab',
    );
  });

  it('names the first broken place first, and what retention dropped', () => {
    const text = readableVerification({
      ...INTACT,
      intact: false,
      findings: [
        { kind: 'event.missing', seq: '1', eventId: '3', message: 'event 3 of seal 1 is gone' },
        { kind: 'seal.changed', seq: '2', message: 'seal 2 was changed' },
      ],
      checkpoint: { droppedBefore: '2025-10-01', lastSeq: '0', lastHash: '00' },
    });
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^The audit log is BROKEN .* First broken place: event 3 of seal 1 is gone$/),
      '  then: seal 2 was changed',
      'What occurred before 2025-10-01 was dropped by retention.',
      'Head of the chain: 2:ab',
    ]);
  });
});
