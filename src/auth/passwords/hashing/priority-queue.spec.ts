import { PriorityQueue, rankOf } from './priority-queue.js';

const nobodyLeaves = new AbortController().signal;

/** A line of clients of these ranks. */
function lineOf(...ranks: number[]) {
  const queue = new PriorityQueue<{ turn: number }>();
  const outcomes = ranks.map(async (rank) => queue.enqueue(rank, nobodyLeaves, 60_000));
  return { line: queue, outcomes };
}

describe('PriorityQueue', () => {
  it('calls those of a lower rank first, and of one rank in order of arrival', async () => {
    const { line, outcomes } = lineOf(2, 2, 0, 0, 3, 1, 2);
    expect([3, 2, 1, 0].map((rank) => line.countBefore(rank))).toEqual([7, 6, 3, 2]);
    const served: number[] = [];
    for (let turn = 0; line.length > 0; turn++) line.dequeue(() => ({ turn }));
    for (const outcome of await Promise.all(outcomes)) served.push((outcome as { turn: number }).turn);
    expect(served).toEqual([3, 4, 0, 1, 6, 2, 5]);
  });

  it('makes a turn only for somebody', () => {
    const makeTurn = jest.fn();
    new PriorityQueue<object>().dequeue(makeTurn);
    expect(makeTurn).not.toHaveBeenCalled();
  });

  it('sends the last one away', async () => {
    const { line, outcomes } = lineOf(5, 0);
    line.evictLast();
    expect(await outcomes[0]).toBe('displaced');
    expect(line.length).toBe(1);
    line.evictLast();
    expect(await outcomes[1]).toBe('displaced');
  });
});

describe('rankOf', () => {
  it('stays what it was when a request has grown a little older', () => {
    expect([0.4, 0.98, 2.9, 6.9].map(rankOf)).toEqual([0, 1, 2, 3]);
  });

  it('is the same for who has asked for about as much', () => {
    expect([0, 1, 2, 3, 6, 7, 300].map(rankOf)).toEqual([0, 1, 1, 2, 2, 3, 8]);
  });
});
