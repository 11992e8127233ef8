import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import type { FastifyRequest } from 'fastify';
import { knownCaller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { AuthService } from './auth.service.js';

/** The user of a name and a password; the strategy `local` of the form login. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly auth: AuthService) {
    super({ passReqToCallback: true });
  }

  async validate(request: unknown, username: string, password: string): Promise<{ user: User }> {
    const caller = knownCaller(request as FastifyRequest);
    return { user: await this.auth.verifyCredentials({ username, password }, caller) };
  }
}
