import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether the address of a socket is a loopback address. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return LOOPBACK_ADDRESS.test(address ?? '');
}

/**
 * Whether a host, with or without a port, is `localhost` or a loopback address. A name that merely resolves to one does
 * not count: a website can have such a name (DNS rebinding).
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return LOOPBACK_HOST.test(host ?? '');
}

/** Whether a request has a header that a forwarding proxy adds. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some(
    (name) => name.startsWith('x-forwarded-') || ['forwarded', 'x-real-ip', 'via'].includes(name),
  );
}

/** Whether a Host header names the local port of a socket, with its local address or `localhost` as the host. */
export function isSocketAddress(host: string, { localAddress = '', localPort }: Socket): boolean {
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '');
  return ['localhost', address.includes(':') ? `[${address}]` : address].some((name) =>
    [`${name}:${localPort}`, ...(localPort === 80 ? [name] : [])].includes(host.toLowerCase()),
  );
}
