import { isIPv4, isIPv6 } from 'node:net';

/** An IPv6 address may name a zone of any length. */
const LONGEST_ADDRESS = 64;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** As a URL writes it. */
const MAPPED_IPV4_IN_HEX = /^::ffff:([\da-f]+):([\da-f]+)$/;

/** Some proxies write the port into X-Forwarded-For, which is a new one for each connection. */
const WITH_PORT = /^(?:\[([\dA-Fa-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

/** Who has no address: a Unix socket, a connection that is gone, a forwarded text that is none. They share one key. */
export const NO_ADDRESS = 'unknown';

/**
 * What an address is counted under (row A21): an IPv6 network of 64 bits, since one client has all of its addresses; an
 * IPv4 address as it is, also where a dual-stack socket writes it as IPv6. Never longer than an address is.
 */
export function clientKey(address: string | undefined): string {
  const plain = plainAddress(address);
  return isIPv6(plain) ? networkOf(plain) : plain;
}

/**
 * The address alone, as a person is shown it: without a port, and an IPv4 address as such also where a dual-stack socket
 * writes it as IPv6. `unknown` for what is none: a proxy that lets X-Forwarded-For through forwards any text. At most 64
 * characters.
 */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return NO_ADDRESS;
  if (isIPv4(address)) return address;
  if (address.length > LONGEST_ADDRESS + '[]:65535'.length) return NO_ADDRESS;
  const [, bracketed, bare] = WITH_PORT.exec(address) ?? [];
  const plain = bracketed ?? bare ?? address;
  const ipv4 = MAPPED_IPV4.exec(plain)?.[1] ?? plain;
  if (isIPv4(ipv4)) return ipv4;
  return isIPv6(plain) && plain.length <= LONGEST_ADDRESS ? plain : NO_ADDRESS;
}

/** What took a while to find out, of the addresses that ask at present. */
const networks = new Map<string, string>();
const NETWORKS_KEPT = 10_000;

function networkOf(address: string): string {
  const known = networks.get(address);
  if (known !== undefined) return known;
  if (networks.size >= NETWORKS_KEPT) networks.clear();
  const network = readNetwork(address);
  networks.set(address, network);
  return network;
}

function readNetwork(address: string): string {
  // A URL writes an address in its shortest form (RFC 5952), embedded IPv4 included; the zone of a link is none of it.
  const shortest = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const mapped = MAPPED_IPV4_IN_HEX.exec(shortest);
  if (mapped) return [mapped[1], mapped[2]].flatMap(bytesOf).join('.');
  const [head = '', tail] = shortest.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function bytesOf(group: string | undefined): [number, number] {
  const value = Number.parseInt(group ?? '0', 16);
  return [value >> 8, value & 0xff];
}
