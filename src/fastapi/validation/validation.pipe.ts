import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { ReceivedBody } from '../body/received-body.js';
import { fieldsOf, type ModelClass } from './model.js';
import { ParameterSource } from './sources.js';
import { validateBody, validateModel } from './validate-model.js';

/** The global pipe, which validates a handler's parameters as their models or throws FastAPI's 422. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const model = metatype as ModelClass | undefined;
    if (type === 'custom' || !model || fieldsOf(model).length === 0) return value;
    // A guard that needs the value before the pipes run has validated it already.
    if (value instanceof model) return value;
    if (type === 'body') return validateBody(model, value as ReceivedBody);
    return validateModel(
      model,
      new ParameterSource(type === 'query' ? 'query' : 'path', value as Record<string, unknown>),
    );
  }
}
