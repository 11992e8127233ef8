import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Verification } from './findings.js';
import { acknowledgeLosses } from './lost-events.js';
import { sealAll, type Sealed } from './sealing.js';
import { verifyAuditLog } from './verification.js';

/** Seals of the audit log, their verification, and losses on record. */
@Injectable()
export class AuditIntegrity {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Seals every committed event that has no seal.
   *
   * @param signal stops it between two seals
   */
  async seal(signal?: AbortSignal): Promise<Sealed> {
    return sealAll(this.dataSource, signal);
  }

  /** @param anchor a head that was written down elsewhere, through which the chain must lead */
  async verify(anchor?: { seq: string; hash: string }): Promise<Verification> {
    return verifyAuditLog(this.dataSource, anchor);
  }

  /**
   * Records that events were lost before their seal: all of them, or none.
   *
   * @throws ConfigurationError for ids of events that are not lost
   */
  async acknowledge(ids: readonly string[]): Promise<void> {
    await acknowledgeLosses(this.dataSource, ids);
  }
}
