import { Injectable } from '@nestjs/common';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { inactiveUser, invalidCredentials } from './auth.errors.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import type { TokenResponse } from './token-response.dto.js';
import { TokenService } from './tokens/token-service.js';
import type { UserCreate } from './user-create.dto.js';

/** Registration and sign-in. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly tokens: TokenService,
  ) {}

  /** @throws AppError 400 when the name or the address is taken */
  async register({ username, email, password }: UserCreate): Promise<User> {
    // Asked before the hash, which is a hundred times as dear; the database decides in a race.
    await this.users.refuseTaken({ username, email });
    return this.users.create({ username, email, passwordHash: await this.hasher.hash(password) });
  }

  async signIn(username: string, password: string): Promise<TokenResponse> {
    const user = await this.verifyCredentials(username, password);
    return this.tokens.issue(user.id);
  }

  /**
   * @throws AppError 401, the same for an unknown name and a wrong password and after the same time (rows A13, A14); 400
   * for a disabled account, only to who knows its password
   */
  async verifyCredentials(username: string, password: string): Promise<User> {
    const user = await this.users.findByUsername(username);
    const matches = await this.hasher.verify(password, user?.passwordHash);
    if (!user || !matches) throw invalidCredentials();
    if (!user.isActive) throw inactiveUser();
    return user;
  }
}
