import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditWriter } from '../audit/audit-writer.js';
import { ThrottledAudit } from '../audit/throttled-audit.js';
import { invalidToken } from '../fastapi/errors/fastapi.errors.js';
import type { Timestamp } from '../platform/database/timestamp.js';
import { inTransaction } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import { User } from '../users/user.entity.js';
import { ExportedAccount } from './account-export.dto.js';
import { exportLimit } from './account.limits.js';
import { ExportSections } from './export-sections.js';

/** Streams all data about an account as an `AccountExport`. */
@Injectable()
export class AccountExports {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sections: ExportSections,
    private readonly limits: RateLimits,
    private readonly audit: AuditWriter,
    private readonly throttledAudit: ThrottledAudit,
  ) {}

  /**
   * @returns the JSON document. At most one page of it is in memory, and no database connection is held while the
   * client reads. Concurrent changes may or may not be included.
   * @throws AppError 429 auth.too_many_exports
   */
  async stream(userId: number, caller: Caller): Promise<Readable> {
    await this.reserve(userId, caller);
    const found = await this.dataSource.manager
      .createQueryBuilder(User, 'account')
      .addSelect('now()', 'now')
      .where({ id: userId })
      .getRawAndEntities<{ now: Timestamp }>();
    const [user, row] = [found.entities[0], found.raw[0]];
    if (!user || !row) throw invalidToken();
    await this.record(userId, caller);
    const head = { exported_at: row.now, account: ExportedAccount.from(user) };
    return Readable.from(toJson(head, this.sections.readAll(userId)), { objectMode: false });
  }

  private async reserve(userId: number, caller: Caller): Promise<void> {
    const outcome = await this.limits.tryReserve(exportLimit, { account: userId }, caller);
    if (!outcome.refused) return;
    const about = { actorId: userId, subjectId: userId, caller };
    await this.throttledAudit.record(`${userId}`, { action: 'user.export_refused', outcome: 'failure', ...about });
    throw this.limits.refuse(exportLimit, outcome.resetSeconds);
  }

  private async record(userId: number, caller: Caller): Promise<void> {
    const about = { actorId: userId, subjectId: userId, caller };
    await inTransaction(this.dataSource, async (tx) =>
      this.audit.recordUnlocked(tx, { action: 'user.exported', outcome: 'success', ...about }),
    );
  }
}

/** Yields the document as JSON, section by section and page by page. */
async function* toJson(
  head: object,
  sections: Readonly<Record<string, AsyncIterable<readonly object[]>>>,
): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const [name, pages] of Object.entries(sections)) {
    yield `,${JSON.stringify(name)}:[`;
    let separator = '';
    for await (const page of pages) {
      if (page.length === 0) continue;
      yield separator + JSON.stringify(page).slice(1, -1);
      separator = ',';
    }
    yield ']';
  }
  yield '}';
}
