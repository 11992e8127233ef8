import { KeyRing } from '../../platform/config/key-ring.js';
import type { Environment } from '../../settings/environment.js';
import { RefreshTokens } from './refresh-token.js';

const SESSION = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
const tokens = (SECRET_KEY: string, SECRET_KEY_PREVIOUS?: string) =>
  new RefreshTokens(new KeyRing({ SECRET_KEY, SECRET_KEY_PREVIOUS } as Environment));

describe('RefreshTokens', () => {
  const old = tokens('old'.repeat(20));
  const both = tokens('new'.repeat(20), 'old'.repeat(20));
  const only = tokens('new'.repeat(20));

  it('encodes 256 random bits, the session and the generation', () => {
    const [one, other] = [old.issue(SESSION), old.issue(SESSION)];
    expect(one.text).toMatch(/^[A-Za-z0-9_-]{92}$/);
    expect(one.text).not.toBe(other.text);
    expect(old.verify(one.text)).toEqual(one);
    expect(one).toMatchObject({ sessionId: SESSION, generation: 0 });
    const secret = (text: string) => Buffer.from(text, 'base64url').subarray(21, 53);
    expect(secret(one.text)).toHaveLength(32);
    expect(secret(one.text)).not.toEqual(secret(other.text));
  });

  it('derives the same child for a parent each time, and different children for different parents', () => {
    const [one, other] = [old.issue(SESSION), old.issue(SESSION)];
    expect(old.successors(one)).toEqual(old.successors(one));
    expect(old.successors(one)[0].text).not.toBe(old.successors(other)[0].text);
    expect(old.successors(one)[0]).toMatchObject({ sessionId: SESSION, generation: 1 });
    expect(old.verify(old.successors(one)[0].text)).toEqual(old.successors(one)[0]);
  });

  it('derives the child from the secret of its parent too', () => {
    const child = old.successors(old.issue(SESSION))[0];
    const grandchild = old.successors(child)[0];
    const bytes = Buffer.from(grandchild.text, 'base64url').subarray(21, 53);
    expect(bytes.equals(Buffer.from(child.text, 'base64url').subarray(21, 53))).toBe(false);
  });

  describe('during a key rotation', () => {
    const token = old.issue(SESSION);

    it('accepts tokens of both keys, and of no other', () => {
      expect(both.verify(token.text)).toEqual(token);
      expect(only.verify(token.text)).toBeUndefined();
      expect(old.verify(both.issue(SESSION).text)).toBeUndefined();
    });

    it('recognizes a child that another process derived with the old key, and derives its own with the new one', () => {
      const children = both.successors(token);
      expect(children).toHaveLength(2);
      expect(children[1]).toEqual(old.successors(token)[0]);
      expect(only.verify(children[0].text)).toEqual(children[0]);
    });
  });

  it('rejects a token with a changed bit', () => {
    const { text } = old.issue(SESSION);
    for (let at = 0; at < 69; at += 1) {
      const bytes = Buffer.from(text, 'base64url');
      bytes.writeUInt8((bytes[at] ?? 0) ^ 0x80, at);
      expect(old.verify(bytes.toString('base64url'))).toBeUndefined();
    }
  });

  it.each(['', 'x', '='.repeat(92), `${'A'.repeat(91)}\n`, 'A'.repeat(92), 'A'.repeat(96)])('rejects %j', (text) => {
    expect(old.verify(text)).toBeUndefined();
  });
});
