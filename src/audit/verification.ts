import { type DataSource, type EntityManager, LessThanOrEqual } from 'typeorm';
import type { SqlStatement } from '../platform/database/sql-statement.js';
import { AuditSeal } from './audit-seal.entity.js';
import { AuditUnsealed } from './audit-unsealed.entity.js';
import type { Finding, FindingKind, Verification } from './findings.js';
import {
  type ChainHead,
  DIGEST_BYTES,
  digestDetails,
  digestEvent,
  GENESIS,
  hashSeal,
  type SealContent,
} from './hash-chain.js';
import {
  CHECKPOINT,
  DUPLICATE_EVENTS,
  LOCK_PARTITIONS,
  LOST_EVENTS,
  NEXT_SEALS,
  READ_ONLY,
  SEALED_EVENTS,
  UNKNOWN_EVENTS,
} from './verification.sql.js';

const MAX_FINDINGS = 20;

type Seal = SealContent & { hash: Buffer; events: number };

interface SealedEvent {
  id: string;
  text: string;
  detailsDigest: Buffer | null;
  salt: Buffer | null;
  detailsText: string;
  /** Whether the details are stored for the accounts of the event. */
  ownersMatch: boolean;
  /** Whether the event has its details, never had any, or their erasure is recorded. */
  isComplete: boolean;
}

interface Checkpoint {
  droppedBefore: string;
  lastSeq: string;
  lastHash: Buffer;
  isRecorded: boolean;
  hasEarlierEvents: boolean;
}

/**
 * Verifies the log in one read-only snapshot, without delaying writers.
 *
 * @param anchor a head of the chain that was kept elsewhere and that the chain must contain
 */
export async function verifyAuditLog(
  dataSource: DataSource,
  anchor?: { seq: string; hash: string },
): Promise<Verification> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    await tx.query(READ_ONLY.text);
    await tx.query(LOCK_PARTITIONS.text);
    return new ChainWalk(tx, anchor).verify();
  });
}

/** Walks the chain from the last checkpoint and verifies every sealed event, page by page. */
class ChainWalk {
  private readonly findings: Finding[] = [];
  private readonly counts = { seals: 0, events: 0, erased: 0 };
  private head: ChainHead = GENESIS;
  private start: ChainHead = GENESIS;
  private droppedBefore = '';
  private anchorFound = false;

  constructor(
    private readonly tx: EntityManager,
    private readonly anchor: { seq: string; hash: string } | undefined,
  ) {}

  async verify(): Promise<Verification> {
    const checkpoint = await this.findStart();
    for (let page = await this.nextPage(); page.length > 0; page = await this.nextPage()) {
      for (const seal of page) this.checkSeal(seal);
      await this.checkEvents(page.filter(({ month }) => month >= this.droppedBefore));
    }
    await this.checkUnsealed();
    const unsealed = await this.tx.count(AuditUnsealed);
    return {
      intact: this.findings.length === 0,
      findings: this.findings,
      ...this.counts,
      unsealed,
      head: { seq: this.head.seq, hash: this.head.hash.toString('hex') },
      checkpoint,
    };
  }

  private async findStart(): Promise<Verification['checkpoint']> {
    const [checkpoint] = await this.tx.query<Checkpoint[]>(CHECKPOINT.text);
    if (!checkpoint) {
      this.compareAnchor(GENESIS);
      return null;
    }
    const { droppedBefore, lastSeq, lastHash, isRecorded, hasEarlierEvents } = checkpoint;
    if (!isRecorded) {
      this.report('checkpoint.unknown', `the chain has no record of the checkpoint of ${droppedBefore}`, {});
    }
    if (hasEarlierEvents) {
      this.report(
        'checkpoint.unknown',
        `events before ${droppedBefore} exist, but a checkpoint says that they were dropped`,
        {},
      );
    }
    this.droppedBefore = droppedBefore;
    this.start = { seq: lastSeq, hash: lastHash };
    this.head = this.start;
    this.compareAnchor(this.head);
    return { droppedBefore, lastSeq, lastHash: lastHash.toString('hex') };
  }

  private async nextPage(): Promise<Seal[]> {
    return this.tx.query<Seal[]>(NEXT_SEALS.text, NEXT_SEALS.values({ after: this.head.seq }));
  }

  private checkSeal(seal: Seal): void {
    const { seq } = seal;
    const expected = String(BigInt(this.head.seq) + 1n);
    if (seq !== expected) {
      const missing =
        BigInt(seq) - BigInt(expected) > 1n ? `seals ${expected} to ${BigInt(seq) - 1n} are` : `seal ${expected} is`;
      this.report('seal.missing', `${missing} missing before seal ${seq}`, { seq: expected });
    } else if (!seal.previousHash.equals(this.head.hash)) {
      this.report('seal.unlinked', `seal ${seq} does not follow seal ${this.head.seq}: its previous hash differs`, {
        seq,
      });
    }
    const isWhole = hashSeal(seal).equals(seal.hash) && seal.events === seal.eventIds.length;
    if (!isWhole) this.report('seal.changed', `seal ${seq} was changed`, { seq });
    this.counts.seals += 1;
    this.head = { seq, hash: seal.hash };
    this.compareAnchor(this.head);
  }

  private async checkEvents(page: readonly Seal[]): Promise<void> {
    const months = page.map(({ month }) => month).toSorted();
    if (months.length === 0) return;
    const ids = page.flatMap(({ eventIds }) => eventIds);
    const values = SEALED_EVENTS.values({ ids, first: months[0], last: months.at(-1) });
    const rows = await this.tx.query<SealedEvent[]>(SEALED_EVENTS.text, values);
    const events = new Map(rows.map((row) => [row.id, row]));
    for (const { seq, eventIds, digests } of page) {
      for (const [index, eventId] of eventIds.entries()) {
        const digest = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
        this.checkEvent({ seq, eventId }, events.get(eventId), digest);
      }
    }
  }

  private checkEvent(location: { seq: string; eventId: string }, event: SealedEvent | undefined, digest: Buffer): void {
    const { seq, eventId } = location;
    this.counts.events += 1;
    if (!event) {
      this.report('event.missing', `event ${eventId} of seal ${seq} is missing`, location);
      return;
    }
    const isChanged = !digestEvent(event.text).equals(digest);
    if (isChanged) {
      this.report('event.changed', `event ${eventId} of seal ${seq} was changed`, location);
    }
    const { detailsDigest, salt, detailsText, ownersMatch, isComplete } = event;
    const isWhole = salt !== null && detailsDigest?.equals(digestDetails(salt, detailsText));
    if (!isComplete) {
      this.report(
        'details.missing',
        `the details of event ${eventId} are missing, and no erasure is recorded`,
        location,
      );
    } else if (salt !== null && !(isWhole && (ownersMatch || isChanged))) {
      this.report('details.changed', `the details of event ${eventId} were changed`, location);
    } else if (salt === null && detailsDigest !== null) {
      this.counts.erased += 1;
    }
  }

  private async checkUnsealed(): Promise<void> {
    const limit = MAX_FINDINGS;
    const earlier = await this.tx.find(AuditSeal, {
      select: { seq: true },
      where: { seq: LessThanOrEqual(this.start.seq) },
      order: { seq: 'ASC' },
      take: limit,
    });
    for (const { seq } of earlier) {
      this.report('seal.unlinked', `seal ${seq} precedes the start of the chain`, { seq });
    }
    for (const id of await this.findIds(DUPLICATE_EVENTS, { limit })) {
      this.report('event.unknown', `event ${id} exists more than once: a row was not written by the service`, {
        eventId: id,
      });
    }
    for (const id of await this.findIds(UNKNOWN_EVENTS, { limit, after: this.start.seq })) {
      this.report('event.unknown', `event ${id} is neither sealed nor queued: it was not written by the service`, {
        eventId: id,
      });
    }
    for (const id of await this.findIds(LOST_EVENTS, { limit })) {
      this.report('event.lost', `event ${id} was lost before it was sealed`, { eventId: id });
    }
    if (this.anchor && !this.anchorFound) {
      const { seq, hash } = this.anchor;
      const why = BigInt(seq) < BigInt(this.start.seq) ? `, and starts after ${this.start.seq}: use a newer head` : '';
      this.report('anchor.missed', `the chain does not contain ${seq}:${hash}${why}`, { seq });
    }
  }

  private async findIds<Values extends object>(statement: SqlStatement<Values>, values: Values): Promise<string[]> {
    const rows = await this.tx.query<{ id: string }[]>(statement.text, statement.values(values));
    return rows.map(({ id }) => id);
  }

  private compareAnchor({ seq, hash }: ChainHead): void {
    if (seq === this.anchor?.seq && hash.toString('hex') === this.anchor.hash) this.anchorFound = true;
  }

  private report(kind: FindingKind, message: string, location: { seq?: string; eventId?: string }): void {
    if (this.findings.length < MAX_FINDINGS) this.findings.push({ kind, ...location, message });
  }
}
