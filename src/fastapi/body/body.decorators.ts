import { Body } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { extendRouteConfig } from '../../platform/http/route-config.js';
import type { BodyFormat } from './received-body.js';

/** The part of a Fastify route's configuration that this folder sets. */
export interface BodyRouteConfig {
  body?: BodyFormat;
}

/** Passes the JSON body to the parameter, validated as the parameter's class. */
export function JsonBody(): ParameterDecorator {
  return takeBody('json', 'application/json');
}

/** Passes the form, urlencoded or multipart, to the parameter, validated as the parameter's class. */
export function FormBody(): ParameterDecorator {
  return takeBody('form', 'application/x-www-form-urlencoded');
}

function takeBody(body: BodyFormat, mediaType: string): ParameterDecorator {
  return (target, name, index) => {
    if (name === undefined) throw new TypeError('a body decorator must be on a parameter of a handler');
    Body()(target, name, index);
    const handler = (target as Record<string | symbol, object>)[name] ?? {};
    extendRouteConfig(handler, { body } satisfies BodyRouteConfig);
    ApiConsumes(mediaType)(target, name, { value: handler });
  };
}
