import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';

export interface RecordedRoute {
  method: string;
  path: string;
  config: object;
}

/** Every route of the most recently started service, including those added directly to Fastify. */
export const recordedRoutes: RecordedRoute[] = [];

/** Records the routes while they are registered. Import it into a `TestApp`. */
@Module({})
export class RouteRecorder {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    recordedRoutes.length = 0;
    httpAdapter.getInstance().addHook('onRoute', ({ url, method, config }) => {
      for (const one of [method].flat()) recordedRoutes.push({ method: one, path: url, config: config ?? {} });
    });
  }
}
