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
  DOUBLE_EVENTS,
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
  /** Whether they are kept as those of the accounts that the event is of. */
  hasItsOwner: boolean;
  /** Whether the details are there, or rightly not. */
  explained: boolean;
}

interface Checkpoint {
  droppedBefore: string;
  lastSeq: string;
  lastHash: Buffer;
  known: boolean;
  isUntrue: boolean;
}

/** Verifies the log as it is at one moment, without changing anything or delaying others. */
export async function verifyAuditLog(
  dataSource: DataSource,
  anchor?: { seq: string; hash: string },
): Promise<Verification> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    await tx.query(READ_ONLY.text);
    await tx.query(LOCK_PARTITIONS.text);
    return verifyChain(tx, anchor);
  });
}

/**
 * Walks the whole chain from the last checkpoint, and looks at every event that it seals; a page at a time, whatever its
 * length.
 *
 * @param tx one transaction REPEATABLE READ: what is sealed meanwhile is none of it
 * @param anchor a head that was written down elsewhere, through which the chain must lead
 */
async function verifyChain(tx: EntityManager, anchor?: { seq: string; hash: string }): Promise<Verification> {
  const walk = new ChainWalk(tx, anchor);
  return walk.verify();
}

class ChainWalk {
  private readonly findings: Finding[] = [];
  private readonly seen = { seals: 0, events: 0, erased: 0 };
  private head: ChainHead = GENESIS;
  private begin: ChainHead = GENESIS;
  private droppedBefore = '';
  private anchorMet = false;

  constructor(
    private readonly tx: EntityManager,
    private readonly anchor: { seq: string; hash: string } | undefined,
  ) {}

  async verify(): Promise<Verification> {
    const checkpoint = await this.findBeginning();
    for (let page = await this.nextPage(); page.length > 0; page = await this.nextPage()) {
      for (const seal of page) this.checkSeal(seal);
      await this.checkEvents(page.filter(({ month }) => month >= this.droppedBefore));
    }
    await this.checkUnsealed();
    const unsealed = await this.tx.count(AuditUnsealed);
    return {
      intact: this.findings.length === 0,
      findings: this.findings,
      ...this.seen,
      unsealed,
      head: { seq: this.head.seq, hash: this.head.hash.toString('hex') },
      checkpoint,
    };
  }

  private async findBeginning(): Promise<Verification['checkpoint']> {
    const [checkpoint] = await this.tx.query<Checkpoint[]>(CHECKPOINT.text);
    if (!checkpoint) {
      this.meetAnchor(GENESIS);
      return null;
    }
    const { droppedBefore, lastSeq, lastHash, known, isUntrue } = checkpoint;
    if (!known) {
      this.report('checkpoint.unknown', `the checkpoint of ${droppedBefore} is not on record in the chain`, {});
    }
    if (isUntrue) {
      this.report(
        'checkpoint.unknown',
        `there are events from before ${droppedBefore}, which a checkpoint says were dropped`,
        {},
      );
    }
    this.droppedBefore = droppedBefore;
    this.begin = { seq: lastSeq, hash: lastHash };
    this.head = this.begin;
    this.meetAnchor(this.head);
    return { droppedBefore, lastSeq, lastHash: lastHash.toString('hex') };
  }

  private async nextPage(): Promise<Seal[]> {
    return this.tx.query<Seal[]>(NEXT_SEALS.text, NEXT_SEALS.values({ after: this.head.seq }));
  }

  private checkSeal(seal: Seal): void {
    const { seq } = seal;
    const expected = String(BigInt(this.head.seq) + 1n);
    if (seq !== expected) {
      const gone =
        BigInt(seq) - BigInt(expected) > 1n ? `seals ${expected} to ${BigInt(seq) - 1n} are` : `seal ${expected} is`;
      this.report('seal.missing', `${gone} missing before seal ${seq}`, { seq: expected });
    } else if (!seal.previousHash.equals(this.head.hash)) {
      this.report('seal.unlinked', `seal ${seq} does not follow seal ${this.head.seq} as that is now`, { seq });
    }
    const isWhole = hashSeal(seal).equals(seal.hash) && seal.events === seal.eventIds.length;
    if (!isWhole) this.report('seal.changed', `seal ${seq} was changed`, { seq });
    this.seen.seals += 1;
    this.head = { seq, hash: seal.hash };
    this.meetAnchor(this.head);
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

  private checkEvent(place: { seq: string; eventId: string }, event: SealedEvent | undefined, digest: Buffer): void {
    const { seq, eventId } = place;
    this.seen.events += 1;
    if (!event) {
      this.report('event.missing', `event ${eventId} of seal ${seq} is gone`, place);
      return;
    }
    const isChanged = !digestEvent(event.text).equals(digest);
    if (isChanged) {
      this.report('event.changed', `event ${eventId} of seal ${seq} was changed`, place);
    }
    const { detailsDigest, salt, detailsText, hasItsOwner, explained } = event;
    const isWhole = salt !== null && detailsDigest?.equals(digestDetails(salt, detailsText));
    if (!explained) {
      this.report('details.missing', `the details of event ${eventId} are gone, and no erasure is on record`, place);
    } else if (salt !== null && !(isWhole && (hasItsOwner || isChanged))) {
      this.report('details.changed', `the details of event ${eventId} were changed`, place);
    } else if (salt === null && detailsDigest !== null) {
      this.seen.erased += 1;
    }
  }

  private async checkUnsealed(): Promise<void> {
    const most = MAX_FINDINGS;
    const before = await this.tx.find(AuditSeal, {
      select: { seq: true },
      where: { seq: LessThanOrEqual(this.begin.seq) },
      order: { seq: 'ASC' },
      take: most,
    });
    for (const { seq } of before) {
      this.report('seal.unlinked', `seal ${seq} stands before the beginning of the chain`, { seq });
    }
    for (const id of await this.findIds(DOUBLE_EVENTS, { most })) {
      this.report('event.unknown', `event ${id} is there more than once: one was written past the service`, {
        eventId: id,
      });
    }
    for (const id of await this.findIds(UNKNOWN_EVENTS, { most, after: this.begin.seq })) {
      this.report('event.unknown', `event ${id} was written past the service: it is neither sealed nor waits for it`, {
        eventId: id,
      });
    }
    for (const id of await this.findIds(LOST_EVENTS, { most })) {
      this.report('event.lost', `event ${id} is gone, and was not sealed yet`, { eventId: id });
    }
    if (this.anchor && !this.anchorMet) {
      const { seq, hash } = this.anchor;
      const why = BigInt(seq) < BigInt(this.begin.seq) ? `, and begins after ${this.begin.seq}: take a newer head` : '';
      this.report('anchor.missed', `the chain does not lead through ${seq}:${hash}${why}`, { seq });
    }
  }

  private async findIds<Values extends object>(statement: SqlStatement<Values>, values: Values): Promise<string[]> {
    const rows = await this.tx.query<{ id: string }[]>(statement.text, statement.values(values));
    return rows.map(({ id }) => id);
  }

  private meetAnchor({ seq, hash }: ChainHead): void {
    if (seq === this.anchor?.seq && hash.toString('hex') === this.anchor.hash) this.anchorMet = true;
  }

  private report(kind: FindingKind, message: string, place: { seq?: string; eventId?: string }): void {
    if (this.findings.length < MAX_FINDINGS) this.findings.push({ kind, ...place, message });
  }
}
