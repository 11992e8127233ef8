import fc from 'fast-check';
import { IndexedSet } from './indexed-set.js';

describe('IndexedSet', () => {
  it('holds the same items as a Set after any changes', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 7 })), { maxLength: 60 });
    fc.assert(
      fc.property(changes, (list) => {
        const objects = Array.from({ length: 8 }, (_, id) => ({ id }));
        const live = new IndexedSet<{ id: number }>();
        const expected = new Set<{ id: number }>();
        for (const [adds, id] of list) {
          const object = objects[id] as { id: number };
          if (!adds) live.delete(object);
          else if (!expected.has(object)) live.add(object);
          if (adds) expected.add(object);
          else expected.delete(object);
          expect([live.size, new Set(live.all())]).toEqual([expected.size, expected]);
        }
      }),
    );
  });

  it('can be emptied during an iteration', () => {
    const live = new IndexedSet();
    for (let count = 0; count < 5; count += 1) live.add({});
    for (const object of live.all()) live.delete(object);
    expect(live.size).toBe(0);
  });
});
