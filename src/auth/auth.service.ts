import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/http/caller.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { AuthMetrics } from './auth-metrics.js';
import { inactiveUser, invalidCredentials } from './auth.errors.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import type { TokenResponse } from './token-response.dto.js';
import { TokenService } from './tokens/token-service.js';

/** What somebody typed, of the right types and lengths. */
export interface Credentials {
  username: string;
  password: string;
}

/** Sign-in. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly tokens: TokenService,
    private readonly throttle: LoginThrottle,
    private readonly metrics: AuthMetrics,
  ) {}

  async signIn(credentials: Credentials, caller: Caller): Promise<TokenResponse> {
    const user = await this.verifyCredentials(credentials, caller);
    return this.tokens.issue(user.id);
  }

  /**
   * @throws AppError 401, the same for an unknown name and a wrong password and after the same time (rows A13, A14); 400
   * for a disabled account, only to who knows its password; 429 auth.too_many_attempts; 503 auth.overloaded
   */
  async verifyCredentials(credentials: Credentials, caller: Caller): Promise<User> {
    return this.metrics.login(this.hasher.whenRoom(caller, async () => this.verify(credentials, caller)));
  }

  private async verify({ username, password }: Credentials, caller: Caller): Promise<User> {
    const user = await this.users.findByUsername(username);
    const matches = await this.throttle.attempt({ user, username }, caller, async () =>
      this.hasher.verify(password, user?.passwordHash, caller),
    );
    if (!user || !matches) throw invalidCredentials();
    if (!user.isActive) throw inactiveUser();
    return user;
  }
}
