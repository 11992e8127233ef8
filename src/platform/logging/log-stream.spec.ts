/** @own-sources because a test loads the module a second time. */
import { LogStream, type LogTarget } from './log-stream.js';
import { countLost, lostLines } from './lost-lines.js';

const refusal = (code: string) => Object.assign(new Error(`${code}: it cannot be written`), { code });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A target that accepts a limited number of bytes. */
class Fake implements LogTarget {
  readonly name = `fake-${Math.random()}`;
  atomicBytes = Infinity;
  pieces: string[] = [];
  /** Bytes that it accepts before it fails with the code `refusal`. */
  room = Infinity;
  refusal = 'ENOSPC';

  write(bytes: Uint8Array): number {
    if (this.room === 0) throw refusal(this.refusal);
    const taken = Math.min(bytes.length, this.room);
    this.room -= taken;
    this.pieces.push(Buffer.from(bytes.subarray(0, taken)).toString());
    return taken;
  }

  get text(): string {
    return this.pieces.join('');
  }

  get lost(): number | undefined {
    return lostLines().get(this.name);
  }
}

describe('LogStream', () => {
  let target: Fake;
  let stream: LogStream;
  let alarms: string[];

  beforeEach(() => {
    target = new Fake();
    stream = new LogStream(target);
    alarms = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => alarms.push(String(text)) > 0);
  });
  afterEach(() => jest.restoreAllMocks());

  it('writes the lines of one turn of the event loop at once', async () => {
    stream.write('one\n');
    stream.write('two\n');
    expect(target.pieces).toEqual([]);
    await turn();
    stream.write('three\n');
    await turn();
    expect(target.pieces).toEqual(['one\ntwo\n', 'three\n']);
    expect(target.lost).toBe(0);
  });

  it('writes immediately when it is flushed', () => {
    stream.write('one\n');
    stream.flush();
    expect(target.text).toBe('one\n');
  });

  it('keeps lines whole where other processes write too', () => {
    target.atomicBytes = 10;
    for (const line of ['one\n', 'two\n', 'three\n', 'a line of 20 bytes\n', 'é\n']) stream.write(line);
    stream.flush();
    expect(target.pieces).toEqual(['one\ntwo\n', 'three\n', 'a line of ', '20 bytes\n', 'é\n']);
  });

  it('continues after a partial write, even within a character', () => {
    const parts = [5, 1, 3];
    const write = target.write.bind(target);
    target.write = (bytes) => write(bytes.subarray(0, parts.shift() ?? bytes.length));
    const bytes: Buffer[] = [];
    target.pieces.push = (piece: string) => bytes.push(Buffer.from(piece, 'latin1'));
    stream.write('one\ntwo\nthree\n');
    stream.flush();
    expect(Buffer.concat(bytes).toString()).toBe('one\ntwo\nthree\n');
  });

  it('writes the remaining lines when the process exits', async () => {
    const listen = jest.spyOn(process, 'once').mockReturnThis();
    jest.resetModules();
    const { LogStream: FirstLogStream } = await import('./log-stream.js');
    new FirstLogStream(target).write('the last words\n');
    const [event, exit] = listen.mock.calls.at(-1) ?? [];
    expect(event).toBe('exit');
    (exit as () => void)();
    expect(target.text).toBe('the last words\n');
  });

  describe('whose target fails', () => {
    it('counts the lost lines, and reports the failure once', () => {
      target.room = 0;
      for (let line = 0; line < 5; line += 1) {
        stream.write('a line\nand another\n');
        stream.flush();
      }
      expect(target.lost).toBe(10);
      expect(alarms).toEqual([
        `Log lines are lost: ${target.name} cannot be written: ENOSPC: it cannot be written. Requests are still served.\n`,
      ]);
    });

    it('writes again as soon as it can, on a new line', () => {
      target.room = 6;
      stream.write('one\ntwo\nthree\n');
      stream.flush();
      stream.write('four\n');
      stream.flush();
      expect([target.text, target.lost]).toEqual(['one\ntw', 3]);
      target.room = Infinity;
      stream.write('five\n');
      stream.write('six\n');
      stream.flush();
      expect(target.text).toBe('one\ntw\nfive\nsix\n');
      expect(target.lost).toBe(3);
    });

    it('reports recovery and the next failure, and counts alternating failures as one', () => {
      let now = 0;
      jest.spyOn(performance, 'now').mockImplementation(() => now);
      const write = (room: number): void => {
        target.room = room;
        stream.write('a line\n');
        stream.flush();
      };
      for (const room of [0, Infinity, 0, Infinity]) write(room);
      now += 9_000;
      write(0);
      now += 11_000;
      expect(alarms).toHaveLength(1);
      write(Infinity);
      expect(alarms[1]).toBe(`${target.name} can be written again; 3 log lines were lost.\n`);
      write(0);
      expect(alarms).toHaveLength(3);
    });
  });

  describe('whose reader does not keep up', () => {
    beforeEach(() => {
      target.refusal = 'EAGAIN';
      target.room = 6;
    });

    it('waits for the reader, and loses nothing', async () => {
      stream.write('one\ntwo\n');
      await turn();
      stream.write('three\n');
      stream.flush();
      expect(target.text).toBe('one\ntw');
      target.room = Infinity;
      while (target.text.length < 14) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(target.text).toBe('one\ntwo\nthree\n');
      expect([target.lost, alarms]).toEqual([0, []]);
    });

    it('buffers at most 8 MB', async () => {
      const line = `${'x'.repeat(1023)}\n`;
      for (let count = 0; count < 9 * 1024; count += 1) stream.write(line);
      expect(target.lost).toBe(1023);
      expect(alarms).toEqual([expect.stringContaining('its reader does not keep up')]);
      target.room = Infinity;
      stream.finish();
      expect(target.text).toHaveLength(8 * 1024 * 1024 + 1024);
    });

    it('waits for the reader at the end of the process', () => {
      stream.write('one\ntwo\n');
      let refused = 0;
      const write = target.write.bind(target);
      target.write = (bytes) => {
        if (target.room === 0 && (refused += 1) === 3) target.room = Infinity;
        return write(bytes);
      };
      stream.finish();
      expect(target.text).toBe('one\ntwo\n');
    });

    it('gives up at the end of the process if the reader does not continue', () => {
      target.room = 0;
      stream.write('one\n');
      stream.finish();
      expect(target.text).toBe('');
    });
  });
});

describe('lostLines', () => {
  it('adds up the lines of each destination', () => {
    countLost('a-destination', 2);
    countLost('a-destination', 3);
    expect(lostLines().get('a-destination')).toBe(5);
  });
});
