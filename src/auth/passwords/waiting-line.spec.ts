import { WaitingLine } from './waiting-line.js';

const nobodyLeaves = new AbortController().signal;

/** A line of clients who have asked for so much each. */
function lineOf(...demands: number[]) {
  const line = new WaitingLine<{ turn: number }>();
  const outcomes = demands.map(async (demand) => line.wait(demand, nobodyLeaves, 60_000));
  return { line, outcomes };
}

describe('WaitingLine', () => {
  it('lets who asked for less than half as much go before, and nobody else', () => {
    const { line } = lineOf(6, 6, 5);
    expect([6, 3, 2, 1, 0].map((demand) => line.before(demand))).toEqual([3, 3, 3, 0, 0]);
    while (line.length > 0) line.dropLast();
  });

  it('calls in order, whoever asked for about as much', async () => {
    const { line, outcomes } = lineOf(4, 3, 0, 0, 5);
    const served: number[] = [];
    for (let turn = 0; line.length > 0; turn++) line.next(() => ({ turn }));
    for (const outcome of await Promise.all(outcomes)) served.push((outcome as { turn: number }).turn);
    // Both of the new ones pass those who had asked before.
    expect(served).toEqual([2, 3, 0, 1, 4]);
  });

  it('makes a turn only for somebody', () => {
    const makeTurn = jest.fn();
    new WaitingLine<object>().next(makeTurn);
    expect(makeTurn).not.toHaveBeenCalled();
  });

  it('sends the last one away', async () => {
    const { line, outcomes } = lineOf(5, 0);
    line.dropLast();
    expect(await outcomes[0]).toBe('displaced');
    expect(line.length).toBe(1);
    line.dropLast();
    expect(await outcomes[1]).toBe('displaced');
  });
});
