import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type Factor, type FactorName, SignInFactor } from './factor.js';

/** The form of the values in RFC 8176. */
const AMR = /^[a-z0-9]+$/;

/** The factors of the service by name: every provider with `@SignInFactor`, in any module. */
@Injectable()
export class Factors extends Map<FactorName, Factor> implements OnModuleInit {
  constructor(private readonly discovery: DiscoveryService) {
    super();
  }

  onModuleInit(): void {
    for (const provider of this.discovery.getProviders({ metadataKey: SignInFactor.KEY })) {
      const name = this.discovery.getMetadataByDecorator(SignInFactor, provider);
      const factor = provider.instance as Factor;
      if (name === undefined || this.has(name)) throw new RangeError(`the factor name ${name} is not unique`);
      if (!AMR.test(factor.amr)) throw new RangeError(`${factor.amr} is not an authentication method of RFC 8176`);
      this.set(name, factor);
    }
  }
}
