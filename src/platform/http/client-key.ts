import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Maximum length of an address: an IPv6 zone can have any length. */
const MAX_ADDRESS_LENGTH = 64;

/** Some proxies add the port to X-Forwarded-For, and it differs for each connection. */
const WITH_PORT = /^(?:\[([\dA-Fa-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

/** Replaces a missing address (a Unix socket, a closed connection) and a forwarded value that is not an address. */
export const NO_ADDRESS = 'unknown';

/**
 * The key that an address is counted under: its /64 for IPv6, because one client has the whole network, and the address
 * itself for IPv4, even if a dual-stack socket writes it as IPv6. Never longer than an address.
 */
export function clientKey(address: string | undefined): string {
  const plain = plainAddress(address);
  return isIPv6(plain) ? networkOf(plain) : plain;
}

/**
 * The address as it is shown to people: without a port, and IPv4 as IPv4 even if a dual-stack socket writes it as IPv6.
 * `unknown` for a value that is not an address, because a proxy can forward anything. At most 64 characters.
 */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return NO_ADDRESS;
  if (isIPv4(address)) return address;
  if (address.length > MAX_ADDRESS_LENGTH + '[]:65535'.length) return NO_ADDRESS;
  const [, bracketed, bare] = WITH_PORT.exec(address) ?? [];
  const plain = (bracketed ?? bare ?? address).replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  return isIPv4(plain) || (isIPv6(plain) && plain.length <= MAX_ADDRESS_LENGTH) ? plain : NO_ADDRESS;
}

/** Networks of recent clients, cached because parsing an IPv6 address takes longer than counting it. */
const networks = new Map<string, string>();
const MAX_CACHED_NETWORKS = 10_000;

function networkOf(address: string): string {
  const known = networks.get(address);
  if (known !== undefined) return known;
  if (networks.size >= MAX_CACHED_NETWORKS) networks.clear();
  const network = readNetwork(address);
  networks.set(address, network);
  return network;
}

function readNetwork(address: string): string {
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const groups = parsed.parts.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}
