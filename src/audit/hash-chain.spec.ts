import { createHash } from 'node:crypto';
import { digestDetails, digestEvent, hashSeal } from './hash-chain.js';

describe('the hashes of the audit log', () => {
  const seal = {
    seq: '2',
    month: '2026-11-01',
    sealedAt: '2026-11-22T10:00:00.000001Z',
    eventIds: ['3', '4'],
    digests: Buffer.concat([digestEvent('[3]'), digestEvent('[4]')]),
    previousHash: Buffer.alloc(32, 1),
  };

  it('have the documented format, which must not change because existing chains depend on it', () => {
    const text = '2|2026-11-01|2026-11-22T10:00:00.000001Z|3,4|';
    const bytes = Buffer.concat([Buffer.from(text), seal.previousHash, seal.digests]);
    expect(hashSeal(seal)).toEqual(createHash('sha256').update(bytes).digest());
    expect(hashSeal(seal).toString('hex')).toBe('ac2379dff932d5dc97f5b160e012c4b57e2dc0cbd4ba24ede90a912f8d2cb38b');
    expect(digestEvent('[3]')).toEqual(createHash('sha256').update('[3]').digest());
    expect(digestDetails(Buffer.from('salt'), '["::1"]')).toEqual(createHash('sha256').update('salt["::1"]').digest());
  });

  it.each([
    ['number', { seq: '3' }],
    ['month', { month: '2026-10-01' }],
    ['time', { sealedAt: '2026-11-22T10:00:00.000002Z' }],
    ['events', { eventIds: ['4', '3'] }],
    ['digests', { digests: Buffer.concat([digestEvent('[4]'), digestEvent('[3]')]) }],
    ['predecessor', { previousHash: Buffer.alloc(32, 2) }],
  ])('of a seal depend on its %s', (_name, change) => {
    expect(hashSeal({ ...seal, ...change })).not.toEqual(hashSeal(seal));
  });
});
