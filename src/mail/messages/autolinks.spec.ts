import { preventAutolinks, removeAutolinkGuards } from './autolinks.js';

describe('gaps', () => {
  it.each(['jo.hn.doe', 'john@example.com', 'https://evil.example/x'])('go into %s, and out again', (text) => {
    expect(preventAutolinks(text)).not.toBe(text);
    expect(removeAutolinkGuards(preventAutolinks(text))).toBe(text);
  });

  it('are not needed in a plain name', () => expect(preventAutolinks('john_doe 1.5')).toBe('john_doe 1.5'));
});
