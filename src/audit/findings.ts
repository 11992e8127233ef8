/** The kinds of findings of `audit:verify`. docs/audit/tamper-evidence.md explains each. */
export const AUDIT_FINDINGS = [
  'event.changed',
  'event.missing',
  'event.lost',
  'event.unknown',
  'details.changed',
  'details.missing',
  'seal.changed',
  'seal.unlinked',
  'seal.missing',
  'checkpoint.unknown',
  'anchor.missed',
] as const;

export type FindingKind = (typeof AUDIT_FINDINGS)[number];

export interface Finding {
  kind: FindingKind;
  /** The seal, if the finding is about a seal or a sealed event. */
  seq?: string;
  eventId?: string;
  /** A description for people. */
  message: string;
}

/** The result of `audit:verify`. */
export interface Verification {
  intact: boolean;
  /** At most 20, in the order of the chain. */
  findings: readonly Finding[];
  /** Number of verified seals. */
  seals: number;
  /** Number of verified events. */
  events: number;
  /** Number of events whose details were erased, with a record of the erasure. */
  erased: number;
  /** Number of events that are not sealed yet, and are therefore not verified. */
  unsealed: number;
  /** The newest seal, its hash in hexadecimal. Kept elsewhere, it can be checked later with `--anchor SEQ:HASH`. */
  head: { seq: string; hash: string };
  /** The record of dropped months; null if none was dropped. */
  checkpoint: { droppedBefore: string; lastSeq: string; lastHash: string } | null;
}

/** The result in a few lines for people. */
export function readableVerification(verification: Verification): string {
  const { intact, findings, seals, events, erased, unsealed, head, checkpoint } = verification;
  const counts = `${events} events in ${seals} seals, ${erased} with erased details, ${unsealed} not sealed yet`;
  return [
    intact
      ? `The audit log is intact: ${counts}.`
      : `The audit log is BROKEN (${counts}). First finding: ${findings[0]?.message}`,
    ...findings.slice(1).map(({ message }) => `  then: ${message}`),
    ...(checkpoint ? [`Events before ${checkpoint.droppedBefore} were dropped by retention.`] : []),
    `Head of the chain: ${head.seq}:${head.hash}`,
  ].join('\n');
}
