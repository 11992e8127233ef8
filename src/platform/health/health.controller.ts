import { Controller, Get, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../access/public.decorator.js';
import { SERVICE_VERSION } from '../http/service-info.js';
import { OperatorGuard } from '../metrics/operator.guard.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** Time after which a client should send the probe again. */
const RETRY_AFTER_SECONDS = '2';

interface Health {
  status: 'ok' | 'degraded' | 'unavailable';
  [detail: string]: unknown;
}

/** Liveness and readiness of the process. Only operators see details. */
@Public()
@ApiExcludeController()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly operators: OperatorGuard,
  ) {}

  /** Always 200: an unavailable database is reported, but is not a reason to restart the process. */
  @Get()
  async summary(@Req() request: FastifyRequest): Promise<Health> {
    const { ready, database } = await this.readiness.report();
    return { status: ready ? 'ok' : 'degraded', ...(this.operators.isOperator(request) && { database }) };
  }

  /** For supervisors that restart a hanging process. Checks no dependencies. */
  @Get('live')
  live(): Health {
    return { status: 'ok' };
  }

  /** For load balancers: 503 while requests should go to other processes. */
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
