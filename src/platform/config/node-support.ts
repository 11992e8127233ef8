/** Last day of security fixes of each major version of Node.js, from the release schedule of nodejs/Release. */
const END_OF_LIFE: Readonly<Record<number, string>> = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
  26: '2029-04-30',
};

const RECOMMENDED = 24;

/** The last day of security fixes, such as 2028-04-30; undefined for a version that is not in the table. */
export function endOfSupport(version: string): string | undefined {
  return END_OF_LIFE[Number.parseInt(version, 10)];
}

/**
 * A warning if this version of Node.js no longer gets security fixes.
 *
 * @param version as in `process.versions.node`
 * @returns undefined while the version is supported, or newer than the table
 */
export function unsupportedNode(version: string, now: Date): string | undefined {
  const end = endOfSupport(version);
  if (end === undefined || now.toISOString().slice(0, 10) <= end) return undefined;
  return `Node.js ${version} has had no security fixes since ${end}: the service works with it, but upgrade to Node.js ${RECOMMENDED}`;
}
