import { preventAutolinks, removeAutolinkGuards } from './autolinks.js';

describe('autolink guards', () => {
  it.each(['jo.hn.doe', 'john@example.com', 'https://evil.example/x'])(
    'are inserted into %s and removed again',
    (text) => {
      expect(preventAutolinks(text)).not.toBe(text);
      expect(removeAutolinkGuards(preventAutolinks(text))).toBe(text);
    },
  );

  it('are not inserted into a plain name', () => expect(preventAutolinks('john_doe 1.5')).toBe('john_doe 1.5'));
});
