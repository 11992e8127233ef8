/** A network that a client belongs to. */
export interface ClientNetwork {
  /** The key of the client, or a wider IPv6 network in the same format: `2001:db8:1:200::/56`. */
  network: string;
  /** Budget of the network, as a multiple of the budget of one client. */
  times: number;
}

const IPV6_NETWORK = /^([\da-f]+:[\da-f]+:[\da-f]+):([\da-f]+)::\/64$/;

/** Budgets of the wider networks of an IPv6 client, in multiples of the budget of a /64. */
const TIMES_OF_56 = 4;
const TIMES_OF_48 = 16;

/**
 * The networks that count the requests of an unauthenticated client, narrowest first. An IPv4 client has no wider
 * network.
 *
 * @param client a key of `clientKey`
 */
export function networksOf(client: string): readonly ClientNetwork[] {
  return [{ network: client, times: 1 }, ...widerNetworksOf(client)];
}

/** The IPv6 /56 and /48 around a client; none for IPv4. */
export function widerNetworksOf(client: string): readonly ClientNetwork[] {
  if (!client.endsWith('::/64')) return [];
  const [, site = '', subnet = ''] = IPV6_NETWORK.exec(client) ?? [];
  const group = (Number.parseInt(subnet, 16) & 0xff00).toString(16);
  return [
    { network: `${site}:${group}::/56`, times: TIMES_OF_56 },
    { network: `${site}::/48`, times: TIMES_OF_48 },
  ];
}
