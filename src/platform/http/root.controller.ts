import { Controller, Get, Req, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../access/public.decorator.js';
import { PlatformSettings } from '../config/platform-settings.js';
import { SERVICE_VERSION } from './service-info.js';

/** Shows the name and version of the service, and links to its documentation and health. */
@Public()
@ApiExcludeController()
@Controller({ path: '/', version: VERSION_NEUTRAL })
export class RootController {
  constructor(private readonly environment: PlatformSettings) {}

  @Get()
  describe(@Req() { pathPrefix }: FastifyRequest): object {
    const { APP_NAME, DOCS_ENABLED } = this.environment;
    const paths = {
      ...(DOCS_ENABLED ? { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json' } : {}),
      health: '/health',
    };
    const links = Object.entries(paths).map(([name, path]) => [name, `${pathPrefix}${path}`]);
    return { name: APP_NAME, version: SERVICE_VERSION, ...Object.fromEntries(links) };
  }
}
