import { Controller, Get, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../access/public.decorator.js';
import { SERVICE_VERSION } from '../http/service-info.js';
import { OperatorGuard } from '../metrics/operator.guard.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** When a probe, or a client that asked, should ask again. */
const RETRY_AFTER_SECONDS = '2';

interface Health {
  status: 'ok' | 'degraded' | 'unavailable';
  [detail: string]: unknown;
}

/** Whether the process lives, and whether it should be sent requests. Strangers are told that and nothing else. */
@Public()
@ApiExcludeController()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly operators: OperatorGuard,
  ) {}

  /** 200 while the process answers at all: a database that is away is told, not a reason to restart the process. */
  @Get()
  async summary(@Req() request: FastifyRequest): Promise<Health> {
    const { ready, database } = await this.readiness.report();
    return { status: ready ? 'ok' : 'degraded', ...(this.operators.isOperator(request) && { database }) };
  }

  /** For what restarts a process that hangs. Asks nobody. */
  @Get('live')
  live(): Health {
    return { status: 'ok' };
  }

  /** For what chooses where requests go: 503 while they should go elsewhere. */
  @Get('ready')
  async ready(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    const report = await this.readiness.report();
    if (!report.ready) reply.code(503).header('retry-after', RETRY_AFTER_SECONDS);
    return {
      status: report.ready ? 'ok' : 'unavailable',
      ...(this.operators.isOperator(request) && details(report)),
    };
  }
}

function details({ database, latencyMs, migrations, draining }: ReadinessReport): object {
  return {
    database,
    database_latency_ms: latencyMs,
    migrations,
    draining,
    uptime_seconds: Math.round(process.uptime()),
    version: SERVICE_VERSION,
    node: process.version,
    pid: process.pid,
  };
}
