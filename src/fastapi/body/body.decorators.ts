import { Body } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { extendRouteConfig } from '../../platform/http/route-config.js';
import type { BodyFormat } from './received-body.js';

/** What this folder writes into the configuration of a Fastify route. */
export interface BodyRouteConfig {
  body?: BodyFormat;
}

/** The handler's parameter is the JSON body, validated as the parameter's class. */
export function JsonBody(): ParameterDecorator {
  return takeBody('json', 'application/json');
}

/** The handler's parameter is the form, urlencoded or multipart, validated as the parameter's class. */
export function FormBody(): ParameterDecorator {
  return takeBody('form', 'application/x-www-form-urlencoded');
}

function takeBody(body: BodyFormat, mediaType: string): ParameterDecorator {
  return (target, name, index) => {
    if (name === undefined) throw new TypeError('a body is a parameter of a handler');
    Body()(target, name, index);
    const handler = (target as Record<string | symbol, object>)[name] ?? {};
    extendRouteConfig(handler, { body } satisfies BodyRouteConfig);
    ApiConsumes(mediaType)(target, name, { value: handler });
  };
}
