import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const PATIENCE_MS = 1000;

/** Asks the database whether it answers; many questions at once are one query. */
@Injectable()
export class DatabaseHealth {
  private asking: Promise<boolean> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  async isUp(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    const answer = this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const silence = new AbortController();
    const patience = sleep(PATIENCE_MS, false, { signal: silence.signal }).catch(() => false);
    const up = await Promise.race([answer, patience]);
    silence.abort();
    return up;
  }
}
