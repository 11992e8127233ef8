import { Global, Module } from '@nestjs/common';
import { Draining } from './drain-state.js';
import { RootController } from './root.controller.js';

/** What the service says of itself on `/`, and whether it is about to stop. */
@Global()
@Module({ controllers: [RootController], providers: [Draining], exports: [Draining] })
export class HttpModule {}
