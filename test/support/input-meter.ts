import crypto from 'node:crypto';
import url from 'node:url';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import pg from 'pg';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';

/** Functions whose running time grows with their input, in some cases faster than linearly. */
export type Consumer =
  'normalisation' | 'case' | 'expression' | 'digest' | 'password hash' | 'strength' | 'IDNA' | 'SQL';

/** Length of a sample: long enough not to occur in other strings. */
const SAMPLE = 16;

/** Measures the strings that reach these functions. */
export class InputMeter {
  private samples: string[] = [];
  private readonly longest = new Map<Consumer, number>();

  /** Starts to measure strings that contain a part of this text. */
  watch(text: string): void {
    const starts = [0, Math.floor(text.length / 2), Math.max(text.length - SAMPLE, 0)];
    this.samples = starts.map((start) => text.slice(start, start + SAMPLE));
    this.longest.clear();
  }

  /** UTF-16 code units of the longest string that reached each consumer; others are absent. */
  read(): ReadonlyMap<Consumer, number> {
    return this.longest;
  }

  /** Wraps the functions until `jest.restoreAllMocks()`. */
  install(): void {
    this.wrap(String.prototype, 'normalize', 'normalisation', (text) => [text]);
    for (const name of ['toLowerCase', 'toUpperCase'] as const)
      this.wrap(String.prototype, name, 'case', (text) => [text]);
    // By the ECMAScript standard `test`, `match`, `replace`, `search` and `split` call `exec`.
    this.wrap(RegExp.prototype, 'exec', 'expression', (_, [text]) => [text]);
    this.wrap(crypto.Hash.prototype, 'update', 'digest', (_, [data]) => [data]);
    this.wrap(crypto.Hmac.prototype, 'update', 'digest', (_, [data]) => [data]);
    this.wrap(HashThreadPool.prototype, 'compare', 'password hash', (_, [password]) => [password]);
    this.wrap(HashThreadPool.prototype, 'hash', 'password hash', (_, [password]) => [password]);
    this.wrap(ZxcvbnFactory.prototype, 'check', 'strength', (_, [password, words]) => [password, words]);
    this.wrap(url, 'domainToASCII', 'IDNA', (_, [domain]) => [domain]);
    this.wrap(url, 'domainToUnicode', 'IDNA', (_, [domain]) => [domain]);
    this.wrap(pg.Client.prototype, 'query', 'SQL', (_, [query, values]) => [
      values,
      (query as { values?: unknown } | null)?.values,
    ]);
  }

  private wrap<Name extends string>(
    holder: { [key in Name]: unknown },
    name: Name,
    consumer: Consumer,
    inputs: (self: unknown, args: unknown[]) => unknown[],
  ): void {
    const original = holder[name] as (this: unknown, ...args: unknown[]) => unknown;
    const note = (value: unknown): void => this.note(consumer, value);
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      for (const input of inputs(this, args)) note(input);
      return original.apply(this, args);
    };
    holder[name] = wrapper;
    this.restorers.push(() => {
      holder[name] = original;
    });
  }

  private readonly restorers: (() => void)[] = [];

  uninstall(): void {
    for (const restore of this.restorers.splice(0)) restore();
  }

  private note(consumer: Consumer, value: unknown): void {
    if (Array.isArray(value)) return value.forEach((item) => this.note(consumer, item));
    const text = Buffer.isBuffer(value) ? value.toString() : value;
    if (typeof text !== 'string') return;
    const known = this.longest.get(consumer) ?? 0;
    if (text.length > known && this.samples.some((sample) => text.includes(sample)) && !isCalledByNode())
      this.longest.set(consumer, text.length);
  }
}

/** Node's own modules, the client of the test among them, use the regular expressions of the same global object. */
function isCalledByNode(): boolean {
  const callers = (new Error().stack ?? '').split('\n').slice(1);
  return callers.find((line) => !/<anonymous>|input-meter/.test(line))?.includes('node:') ?? false;
}
