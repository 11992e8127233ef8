import { networksOf } from '../http/client-networks.js';
import type { Budget } from './exact-limits.js';

/**
 * The budgets of an unauthenticated client: of its address or IPv6 /64, and of the wider networks around that /64, because
 * one site or one customer of a hosting provider owns a whole /56 or /48 (RFC 6177).
 *
 * @param limit the beginning of the keys: `login:client`
 */
export function clientBudgets(limit: string, client: string, most: number, windowSeconds: number): Budget[] {
  return networksOf(client).map(({ network, times }) => ({
    key: `${limit}:${network}`,
    most: most * times,
    windowSeconds,
  }));
}
