import type { networkInterfaces } from 'node:os';
import { defaultHost } from './default-host.js';

type Interfaces = typeof networkInterfaces;

const interfaces = (...families: string[]): Interfaces =>
  (() => ({ none: undefined, lo: families.map((family) => ({ family })) })) as unknown as Interfaces;

describe('defaultHost', () => {
  it.each([
    ['in development', true, interfaces('IPv4', 'IPv6'), '::'],
    ['in development, without IPv6', true, interfaces('IPv4'), '0.0.0.0'],
    ['in production', false, interfaces('IPv4', 'IPv6'), '0.0.0.0'],
    [
      'if the interfaces cannot be listed',
      true,
      () => {
        throw new Error('uv_interface_addresses returned Unknown system error 13');
      },
      '0.0.0.0',
    ],
  ] as const)('%s', (_when, debug, list, host) => expect(defaultHost(debug, list)).toBe(host));
});
