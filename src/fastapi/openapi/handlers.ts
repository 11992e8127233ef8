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

/** The properties of a handler, from its decorators, that are missing in Nest's document. */
export interface HandlerFacts {
  /** The method's name. */
  name: string;
  isPublic: boolean;
  /** Clients can authenticate in another way than with a token. */
  isTokenOptional: boolean;
  permission: Permission | undefined;
  deprecated: boolean;
  errors: readonly ErrorType[];
  /** Fields of all models in its parameters. */
  fields: readonly ModelField[];
}

/** The handlers of an application by `Controller.method`, the operation id in Nest's document. */
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

  /** Rejects two controllers with the same name, because their operation ids could not be distinguished. */
  private add(controller: Type): void {
    const known = this.controllers.get(controller.name);
    if (known && known !== controller) throw new RangeError(`two controllers are named ${controller.name}`);
    this.controllers.set(controller.name, controller);
  }

  /** @throws RangeError for an unknown operation */
  get(operationId: string): HandlerFacts {
    const [controllerName = '', name = ''] = operationId.split('.');
    const controller = this.controllers.get(controllerName);
    const prototype = controller?.prototype as Record<string, object> | undefined;
    const handler = prototype?.[name] as (() => unknown) | undefined;
    if (!controller || !prototype || !handler) throw new RangeError(`no handler ${operationId}`);
    const parameters = (Reflect.getMetadata('design:paramtypes', prototype, name) as object[] | undefined) ?? [];
    const targets = [handler, controller];
    return {
      name,
      isPublic: this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) ?? false,
      isTokenOptional: this.reflector.get<boolean | undefined>(ACCEPTS_TOKEN, handler) ?? false,
      permission: this.reflector.getAllAndOverride<Permission | undefined>(REQUIRED_PERMISSION, targets),
      deprecated: isDeprecated(handler),
      errors: apiErrorsOf(handler),
      fields: parameters.flatMap((model) => fieldsOf(model)),
    };
  }
}
