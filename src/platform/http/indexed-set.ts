const PLACE = Symbol('index in the set');

type Placed = object & { [PLACE]?: number };

/**
 * Objects that come and go with every request, none of them in two such lists. A `Set` would do, at a fifth of the cost of a
 * whole request: V8 copies its table every few dozen changes and lets each refer to the next, so that once one of them has
 * grown old, all that the later ones ever held outlives its request, until the next collection of old objects.
 */
export class IndexedSet<Item extends object> {
  private readonly items: (Item & Placed)[] = [];

  get size(): number {
    return this.items.length;
  }

  /** @param item one that is not there yet */
  add(item: Item & Placed): void {
    item[PLACE] = this.items.push(item) - 1;
  }

  /** Does nothing for one that is not there. Others may change their order. */
  delete(item: Item & Placed): void {
    const place = item[PLACE];
    const last = this.items.at(-1);
    if (place === undefined || !last) return;
    this.items[place] = last;
    last[PLACE] = place;
    this.items.pop();
    item[PLACE] = undefined;
  }

  /** @returns those of this moment: deleting some of them meanwhile skips none */
  all(): Item[] {
    return [...this.items];
  }
}
