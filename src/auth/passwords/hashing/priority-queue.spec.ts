import { PriorityQueue, rankOf } from './priority-queue.js';

const neverAborts = new AbortController().signal;

/** A queue with one entry of each of these ranks, in this order of arrival. */
function queueOf(...ranks: number[]) {
  const queue = new PriorityQueue<{ turn: number }>();
  const outcomes = ranks.map(async (rank) => queue.enqueue(rank, neverAborts, 60_000));
  return { queue, outcomes };
}

describe('PriorityQueue', () => {
  it('serves lower ranks first, and entries of one rank in order of arrival', async () => {
    const { queue, outcomes } = queueOf(2, 2, 0, 0, 3, 1, 2);
    expect([3, 2, 1, 0].map((rank) => queue.countBefore(rank))).toEqual([7, 6, 3, 2]);
    const served: number[] = [];
    for (let turn = 0; queue.length > 0; turn++) queue.dequeue(() => ({ turn }));
    for (const outcome of await Promise.all(outcomes)) served.push((outcome as { turn: number }).turn);
    expect(served).toEqual([3, 4, 0, 1, 6, 2, 5]);
  });

  it('makes no turn when it is empty', () => {
    const makeTurn = jest.fn();
    new PriorityQueue<object>().dequeue(makeTurn);
    expect(makeTurn).not.toHaveBeenCalled();
  });

  it('evicts the last entry', async () => {
    const { queue, outcomes } = queueOf(5, 0);
    queue.evictLast();
    expect(await outcomes[0]).toBe('displaced');
    expect(queue.length).toBe(1);
    queue.evictLast();
    expect(await outcomes[1]).toBe('displaced');
  });
});

describe('rankOf', () => {
  it('is not changed by a small decay of the demand', () => {
    expect([0.4, 0.98, 2.9, 6.9].map(rankOf)).toEqual([0, 1, 2, 3]);
  });

  it('is the same for similar demand', () => {
    expect([0, 1, 2, 3, 6, 7, 300].map(rankOf)).toEqual([0, 1, 1, 2, 2, 3, 8]);
  });
});
