import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Verification } from './findings.js';
import { acknowledgeLosses } from './lost-events.js';
import { sealAll, type Sealed } from './sealing.js';
import { verifyAuditLog } from './verification.js';

/** Seals the audit log, verifies it, and records losses. */
@Injectable()
export class AuditIntegrity {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Seals all committed events that are not sealed.
   *
   * @param signal stops between two seals
   */
  async seal(signal?: AbortSignal): Promise<Sealed> {
    return sealAll(this.dataSource, signal);
  }

  /** @param anchor a head of the chain that was kept elsewhere and that the chain must contain */
  async verify(anchor?: { seq: string; hash: string }): Promise<Verification> {
    return verifyAuditLog(this.dataSource, anchor);
  }

  /**
   * Records that events were lost before they were sealed: all of them, or none.
   *
   * @throws ConfigurationError if an id is not that of a lost event
   */
  async acknowledge(ids: readonly string[]): Promise<void> {
    await acknowledgeLosses(this.dataSource, ids);
  }
}
