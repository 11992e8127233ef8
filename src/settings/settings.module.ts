import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { KeyRing } from '../platform/config/key-ring.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { SettingValues } from '../platform/config/setting-values.js';
import { type Environment, GROUPS } from './environment.js';

/**
 * A global module that provides the validated settings, each group under its class. A feature injects only the groups
 * that it uses.
 */
@Module({})
export class SettingsModule {
  static forRoot(environment: Environment): DynamicModule {
    const groups: Provider[] = [PlatformSettings, ...GROUPS].map((group) => ({
      provide: group,
      useValue: environment,
    }));
    const providers = [...groups, { provide: SettingValues, useValue: new SettingValues(environment) }, KeyRing];
    return { module: SettingsModule, global: true, providers, exports: providers };
  }
}
