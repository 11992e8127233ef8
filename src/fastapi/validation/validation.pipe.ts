import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { ReceivedBody } from '../body/received-body.js';
import { fieldsOf, type ModelClass } from './model.js';
import { ParameterSource } from './sources.js';
import { validateBody, validateModel } from './validate-model.js';

/** Turns what a handler's parameters receive into their models, or into FastAPI's 422. The global pipe. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const model = metatype as ModelClass | undefined;
    if (type === 'custom' || !model || fieldsOf(model).length === 0) return value;
    // A guard that needs the body before the pipes run has validated it already.
    if (value instanceof model) return value;
    if (type === 'body') return validateBody(model, value as ReceivedBody);
    return validateModel(
      model,
      new ParameterSource(type === 'query' ? 'query' : 'path', value as Record<string, unknown>),
    );
  }
}
