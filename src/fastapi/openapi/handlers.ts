import type { INestApplication, Type } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { ACCEPTS_TOKEN } from '../../access/optional-token.decorator.js';
import type { Permission } from '../../access/permissions.js';
import { IS_PUBLIC } from '../../access/public.decorator.js';
import { REQUIRED_PERMISSION } from '../../access/requires.decorator.js';
import { isDeprecated } from '../../platform/http/deprecated.decorator.js';
import type { ErrorType } from '../../platform/http/error-catalogue.js';
import { fieldsOf, type ModelField } from '../validation/model.js';
import { apiErrorsOf } from './api-errors.decorator.js';

/** What the decorators of a handler say that Nest's own document does not know. */
export interface HandlerFacts {
  /** The method's name. */
  name: string;
  isPublic: boolean;
  /** There is another way to prove who asks. */
  isTokenOptional: boolean;
  permission: Permission | undefined;
  deprecated: boolean;
  errors: readonly ErrorType[];
  /** Fields of all models that it takes: its parameters are among them. */
  fields: readonly ModelField[];
}

/** The handlers of an application by `Controller.method`, the operation id that Nest is told to write. */
export class Handlers {
  private readonly controllers = new Map<string, Type>();
  private readonly reflector = new Reflector();

  constructor(app: INestApplication) {
    for (const module of app.get(ModulesContainer).values()) {
      for (const { metatype } of module.controllers.values()) {
        if (metatype) this.add(metatype as Type);
      }
    }
  }

  /** Nest tells controllers apart by their name: of two that share one, each would be documented as the other. */
  private add(controller: Type): void {
    const known = this.controllers.get(controller.name);
    if (known && known !== controller) throw new RangeError(`two controllers are called ${controller.name}`);
    this.controllers.set(controller.name, controller);
  }

  /** @throws RangeError for an operation that no controller has */
  get(operationId: string): HandlerFacts {
    const [controllerName = '', name = ''] = operationId.split('.');
    const controller = this.controllers.get(controllerName);
    const prototype = controller?.prototype as Record<string, object> | undefined;
    const handler = prototype?.[name] as (() => unknown) | undefined;
    if (!controller || !prototype || !handler) throw new RangeError(`no handler ${operationId}`);
    const parameters = (Reflect.getMetadata('design:paramtypes', prototype, name) as object[] | undefined) ?? [];
    const places = [handler, controller];
    return {
      name,
      isPublic: this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, places) ?? false,
      isTokenOptional: this.reflector.get<boolean | undefined>(ACCEPTS_TOKEN, handler) ?? false,
      permission: this.reflector.getAllAndOverride<Permission | undefined>(REQUIRED_PERMISSION, places),
      deprecated: isDeprecated(handler),
      errors: apiErrorsOf(handler),
      fields: parameters.flatMap((model) => fieldsOf(model)),
    };
  }
}
