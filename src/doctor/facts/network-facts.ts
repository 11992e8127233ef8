import { once } from 'node:events';
import { connect } from 'node:net';
import ipaddr from 'ipaddr.js';
import { formatHostPort } from '../../platform/http/host-port.js';
import { isLoopbackAddress } from '../../platform/http/loopback.js';
import { probePort } from '../../platform/http/port-probe.js';

const TIMEOUT_MS = 2000;

/** Whether a process could listen on the configured port now. */
export type PortFacts =
  | { state: 'free' }
  /** A process of this service listens on it. */
  | { state: 'ours'; version: string }
  | { state: 'taken' }
  | { state: 'refused'; code: string };

export interface RedisFacts {
  /** Host and port, without user and password. */
  endpoint: string;
  isTls: boolean;
  isLocal: boolean;
  /** Whether its port accepts a connection. */
  isReachable: boolean;
}

/** Checks whether the port is free, and if not, whether this service listens on it. */
export async function gatherPort(host: string, port: number): Promise<PortFacts> {
  try {
    await probePort(host, port);
    return { state: 'free' };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? identifyListener(host, port) : { state: 'refused', code };
  }
}

async function identifyListener(host: string, port: number): Promise<PortFacts> {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  try {
    const answer = await fetch(`http://${formatHostPort(reachable, port)}/`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { version, health } = (await answer.json()) as { version?: unknown; health?: unknown };
    if (typeof version === 'string' && health === '/health') return { state: 'ours', version };
  } catch {
    // A program that does not answer as this service does is another one.
  }
  return { state: 'taken' };
}

export async function gatherRedis(text: string | undefined): Promise<RedisFacts | undefined> {
  if (!text || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const host = hostname.replace(/^\[(.+)\]$/, '$1');
  const number = Number(port || 6379);
  return {
    endpoint: `${hostname}:${number}`,
    isTls: protocol === 'rediss:',
    isLocal: isLoopback(host),
    isReachable: await accepts(host, number),
  };
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** Ranges that are not routed on the internet (RFC 1918, RFC 4193, RFC 4291 section 2.5.6, RFC 3927, RFC 6598). */
const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'linkLocal', 'carrierGradeNat']);

export function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && PRIVATE_RANGES.has(ipaddr.process(address).range());
}
