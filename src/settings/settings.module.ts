import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { KeyRing } from '../platform/config/key-ring.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { SettingValues } from '../platform/config/setting-values.js';
import { type Environment, GROUPS } from './environment.js';

/**
 * Makes the checked settings injectable everywhere: each group under its class, so that a feature sees only the settings
 * that it declares or names.
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
