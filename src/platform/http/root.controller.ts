import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../access/public.decorator.js';
import { Environment } from '../config/environment.js';
import { SERVICE_VERSION } from './service-info.js';

/** Tells who is there, and where to go from here. */
@Public()
@ApiExcludeController()
@Controller({ path: '/', version: VERSION_NEUTRAL })
export class RootController {
  constructor(private readonly environment: Environment) {}

  @Get()
  describe(): Record<string, string> {
    return {
      name: this.environment.APP_NAME,
      version: SERVICE_VERSION,
      docs: '/docs',
      redoc: '/redoc',
      openapi: '/openapi.json',
      health: '/health',
    };
  }
}
