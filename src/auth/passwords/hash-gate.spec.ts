import { HashGate } from './hash-gate.js';

jest.mock('node:os', () => ({ ...jest.requireActual<object>('node:os'), availableParallelism: () => 64 }));

/** A hash whose end the test decides. */
function hashes() {
  const ends: ((error?: Error) => void)[] = [];
  const started: number[] = [];
  const make = (name: number) => () => {
    started.push(name);
    return new Promise<number>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve(name))));
  };
  return { ends, started, make };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('HashGate', () => {
  it('leaves a thread of the pool free however many cores there are, and serves in order', async () => {
    const gate = new HashGate();
    const { ends, started, make } = hashes();
    const results = [1, 2, 3, 4, 5].map((name) => gate.run(make(name)));
    await settle();
    expect(started).toEqual([1, 2, 3]);
    ends[1]?.();
    await settle();
    expect(started).toEqual([1, 2, 3, 4]);
    for (const place of [0, 2, 3]) ends[place]?.();
    await settle();
    ends[4]?.();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives the place of a failed hash to the next, and back when none waits', async () => {
    const gate = new HashGate();
    const { ends, started, make } = hashes();
    const failing = gate.run(make(1));
    await settle();
    ends[0]?.(new Error('no memory'));
    await expect(failing).rejects.toThrow('no memory');
    const rest = [2, 3, 4].map((name) => gate.run(make(name)));
    await settle();
    expect(started).toEqual([1, 2, 3, 4]);
    for (const end of ends) end();
    await Promise.all(rest);
  });
});
