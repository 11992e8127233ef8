import { clientKey, plainAddress } from './client-key.js';

describe('clientKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%br-lan.1', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['192.0.2.1:54321', '192.0.2.1'],
    ['[2001:db8:1:2::3]:54321', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::3]', '2001:db8:1:2::/64'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['unknown', 'unknown'],
    ['192.0.2.256', 'unknown'],
    ['[::g]', 'unknown'],
  ])('counts %s under %s', (address, key) => expect(clientKey(address)).toBe(key));

  it('is short for any address that a proxy forwards', () => expect(clientKey('x'.repeat(10_000))).toBe('unknown'));

  it('separates the IPv4 clients of a dual-stack socket', () => {
    expect(clientKey('::ffff:192.0.2.1')).not.toBe(clientKey('::ffff:192.0.2.2'));
  });
});

describe('plainAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:54321', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2::3', '2001:db8:1:2::3'],
    ['[2001:db8:1:2::3]:54321', '2001:db8:1:2::3'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    [`fe80::1%${'e'.repeat(100)}`, 'unknown'],
    ['<b>hello</b>', 'unknown'],
    [undefined, 'unknown'],
  ])('shows %s as %s', (address, plain) => expect(plainAddress(address)).toBe(plain));
});
