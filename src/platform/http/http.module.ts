import { Global, Module } from '@nestjs/common';
import { DrainState } from './drain-state.js';
import { RootController } from './root.controller.js';

/** What the service says of itself on `/`, and whether it is about to stop. */
@Global()
@Module({ controllers: [RootController], providers: [DrainState], exports: [DrainState] })
export class HttpModule {}
