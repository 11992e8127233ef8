/** What may be wrong with the log, as `audit:verify` names it; docs/audit/tamper-evidence.md explains each. */
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
  /** Of the seal, where it is about one or what it holds. */
  seq?: string;
  eventId?: string;
  /** A sentence for people. */
  message: string;
}

/** What `audit:verify` has found. */
export interface Verification {
  intact: boolean;
  /** The first broken place first; at most twenty. */
  findings: readonly Finding[];
  /** Seals and events that were looked at. */
  seals: number;
  events: number;
  /** Events whose details are gone, by an erasure on record. */
  erased: number;
  /** Events that wait for their seal; nothing is proven of them yet. */
  unsealed: number;
  /** To be written down elsewhere, hash in hexadecimal: `audit:verify --anchor SEQ:HASH` asks for it later. */
  head: { seq: string; hash: string };
  /** What retention has left instead of older months; null when nothing was dropped. */
  checkpoint: { droppedBefore: string; lastSeq: string; lastHash: string } | null;
}

/** The same in a few lines for people. */
export function readableVerification(verification: Verification): string {
  const { intact, findings, seals, events, erased, unsealed, head, checkpoint } = verification;
  const counts = `${events} events in ${seals} seals, ${erased} of them with their details erased, ${unsealed} not sealed yet`;
  return [
    intact
      ? `The audit log is intact: ${counts}.`
      : `The audit log is BROKEN (${counts}). First broken place: ${findings[0]?.message}`,
    ...findings.slice(1).map(({ message }) => `  then: ${message}`),
    ...(checkpoint ? [`What occurred before ${checkpoint.droppedBefore} was dropped by retention.`] : []),
    `Head of the chain: ${head.seq}:${head.hash}`,
  ].join('\n');
}
