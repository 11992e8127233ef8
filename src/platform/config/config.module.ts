import { type DynamicModule, Module } from '@nestjs/common';
import { Environment } from './environment.js';
import { KeyRing } from './key-ring.js';

/** Makes the checked settings injectable everywhere as `Environment`, and the keys as `KeyRing`. */
@Module({})
export class ConfigModule {
  static forRoot(environment: Environment): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Environment, useValue: environment }, KeyRing],
      exports: [Environment, KeyRing],
    };
  }
}
