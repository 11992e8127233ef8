import { type DiscoverableDecorator, DiscoveryService, MetadataScanner } from '@nestjs/core';

/** A decorator that the compiler accepts on methods of one type only. */
export type DecoratorOf<Method> = <Actual extends Method>(
  target: object,
  name: string,
  descriptor: TypedPropertyDescriptor<Actual>,
) => void;

/** A method that a decorator marks, bound to its provider. */
export interface DecoratedMethod<Options, Method> {
  /** The argument of the decorator. */
  options: Options;
  method: Method;
}

/**
 * Finds the methods of providers that a decorator marks. Call it from `onModuleInit`, when every provider exists.
 *
 * @param decorator accepts methods of the type `Method` only
 * @throws Error for a provider that is not a singleton, because it has no instance to call outside a request
 */
export function decoratedMethods<Options, Method>(
  decorator: DiscoverableDecorator<Options>,
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): DecoratedMethod<Options, Method>[] {
  // Values, factories and aliases have no class, so no method is found twice.
  return discovery.getProviders().flatMap((provider) =>
    scanner.getAllMethodNames(provider.metatype?.prototype as object).flatMap((name) => {
      const options = discovery.getMetadataByDecorator(decorator, provider, name);
      if (options === undefined) return [];
      if (provider.isTransient || !provider.isDependencyTreeStatic())
        throw new Error(`${provider.name}.${name} must belong to a singleton`);
      return { options, method: provider.instance[name].bind(provider.instance) };
    }),
  );
}
