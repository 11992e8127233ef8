import type { PlatformSettings } from '../config/platform-settings.js';

export interface DrainTimes {
  /** How long new connections are still accepted, for proxies that have not noticed yet. */
  delayMs: number;
  /** How long everything may take, the delay included. */
  totalMs: number;
}

/** Of what the settings ask for, requests in flight keep half. In development a person waits, and no proxy has to notice. */
export function drainTimes({ DEBUG, DRAIN_DELAY_MS, DRAIN_SECONDS }: PlatformSettings): DrainTimes {
  const totalMs = DRAIN_SECONDS * 1000;
  return { delayMs: DEBUG ? 0 : Math.min(DRAIN_DELAY_MS, totalMs / 2), totalMs };
}
