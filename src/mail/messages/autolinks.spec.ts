import { withGaps, withoutGaps } from './autolinks.js';

describe('gaps', () => {
  it.each(['jo.hn.doe', 'john@example.com', 'https://evil.example/x'])('go into %s, and out again', (text) => {
    expect(withGaps(text)).not.toBe(text);
    expect(withoutGaps(withGaps(text))).toBe(text);
  });

  it('are not needed in a plain name', () => expect(withGaps('john_doe 1.5')).toBe('john_doe 1.5'));
});
