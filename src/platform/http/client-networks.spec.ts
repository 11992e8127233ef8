import { clientKey } from './client-key.js';
import { networksOf, widerNetworksOf } from './client-networks.js';

describe('networksOf', () => {
  it.each([
    ['2001:db8:1:2::3', ['2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48']],
    ['2001:db8:1:abcd::3', ['2001:db8:1:abcd::/64', '2001:db8:1:ab00::/56', '2001:db8:1::/48']],
    ['2001:db8::1', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0::/48']],
    ['::1', ['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0::/48']],
  ])('returns the networks around %s', (address, networks) => {
    expect(networksOf(clientKey(address)).map(({ network }) => network)).toEqual(networks);
  });

  it('gives the wider networks four and sixteen times the budget', () => {
    expect(networksOf('2001:db8:1:2::/64').map(({ times }) => times)).toEqual([1, 4, 16]);
  });

  it.each(['192.0.2.1', '::ffff:192.0.2.1', 'unknown', ''])('returns no wider network for %s', (address) => {
    const client = clientKey(address);
    expect(networksOf(client)).toEqual([{ network: client, times: 1 }]);
    expect(widerNetworksOf(client)).toEqual([]);
  });
});
