import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import type { Principal } from '../../access/principal.js';
import type { User } from '../../users/user.entity.js';
import { AuthService } from '../auth.service.js';

/** The user of a name and a password; the strategy `local` of the form login. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly auth: AuthService) {
    super();
  }

  async validate(username: string, password: string): Promise<Principal<User>> {
    return { user: await this.auth.verifyCredentials(username, password), tokenId: null };
  }
}
