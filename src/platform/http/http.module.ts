import { Global, Module } from '@nestjs/common';
import { DrainState } from './drain-state.js';
import { RootController } from './root.controller.js';

/** The root route `/` and the drain state. */
@Global()
@Module({ controllers: [RootController], providers: [DrainState], exports: [DrainState] })
export class HttpModule {}
