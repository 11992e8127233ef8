import type { PlatformSettings } from '../config/platform-settings.js';

export interface DrainTimes {
  /** How long new connections are still accepted, for proxies that have not noticed yet. */
  delayMs: number;
  /** Time limit of the whole drain, including the delay. */
  totalMs: number;
}

/** The times from the settings. At least half remains for requests in flight. In development there is no delay. */
export function drainTimes({ DEBUG, DRAIN_DELAY_MS, DRAIN_SECONDS }: PlatformSettings): DrainTimes {
  const totalMs = DRAIN_SECONDS * 1000;
  return { delayMs: DEBUG ? 0 : Math.min(DRAIN_DELAY_MS, totalMs / 2), totalMs };
}
