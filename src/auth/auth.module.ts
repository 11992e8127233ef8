import { Module } from '@nestjs/common';
import { GuardsModule } from './guards/guards.module.js';
import { RecoveryModule } from './recovery/recovery.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';

/** Authentication, with one module per folder. Each module imports only modules of the folders below it. */
@Module({ imports: [SignInModule, RecoveryModule, GuardsModule], exports: [SignInModule] })
export class AuthModule {}
