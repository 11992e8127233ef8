import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../access/public.decorator.js';
import { DatabaseHealth } from './database-health.js';

/** Whether the process serves, and whether its database does. */
@Public()
@ApiExcludeController()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly database: DatabaseHealth) {}

  /** 200 while the process answers at all: a database that is away is reported, not a reason to restart the process. */
  @Get()
  async summary(): Promise<{ status: 'ok' | 'degraded'; database: 'up' | 'down' }> {
    const up = await this.database.isUp();
    return { status: up ? 'ok' : 'degraded', database: up ? 'up' : 'down' };
  }
}
