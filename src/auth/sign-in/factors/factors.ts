import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type Factor, type FactorName, SignInFactor } from './factor.js';

/** The form of RFC 8176's values. Sessions are read as a text in which other characters separate values. */
const AMR = /^[a-z0-9]+$/;

/** The factors of the service by their names: every provider that `@SignInFactor` marks, in any module. */
@Injectable()
export class Factors extends Map<FactorName, Factor> implements OnModuleInit {
  constructor(private readonly discovery: DiscoveryService) {
    super();
  }

  onModuleInit(): void {
    for (const provider of this.discovery.getProviders({ metadataKey: SignInFactor.KEY })) {
      const name = this.discovery.getMetadataByDecorator(SignInFactor, provider);
      const factor = provider.instance as Factor;
      if (name === undefined || this.has(name)) throw new RangeError(`the factor ${name} has no name of its own`);
      if (!AMR.test(factor.amr)) throw new RangeError(`${factor.amr} is no method of RFC 8176`);
      this.set(name, factor);
    }
  }
}
