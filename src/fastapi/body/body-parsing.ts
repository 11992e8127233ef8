import type { FastifyInstance, FastifyReply, FastifyRequest, preValidationHookHandler } from 'fastify';
import { type BodyRouteConfig } from './body.decorators.js';
import { type BodyFormat, receiveBody, type RequestWithBody } from './received-body.js';

const EMPTY = Buffer.alloc(0);

/**
 * Makes Fastify pass on every body as bytes and parses it in the format of the handler's body parameter, before
 * authentication, as FastAPI does. A route without a body parameter ignores the body.
 */
export function installBodyParsing(fastify: FastifyInstance): void {
  fastify.decorateRequest('contentType', '');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', setContentTypeAside);
  fastify.addHook('onRoute', (route) => {
    const { body } = (route.config ?? {}) as BodyRouteConfig;
    if (body) route.preValidation = [...[route.preValidation ?? []].flat(), bodyReader(body)];
  });
}

/** Hides the Content-Type from Fastify, which answers 415 for some media types before it calls our parser. */
function setContentTypeAside(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  const { headers } = request.raw;
  const contentType = headers['content-type'];
  if (contentType !== undefined) {
    (request as RequestWithBody).contentType = contentType;
    delete headers['content-type'];
  }
  done();
}

function bodyReader(format: BodyFormat): preValidationHookHandler {
  return (request, _reply, done) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : EMPTY;
    try {
      request.body = receiveBody(bytes, (request as RequestWithBody).contentType, format);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}
