/** Who a request comes from, once its token has been checked and its user read. */
export interface Principal<User extends PrincipalUser = PrincipalUser> {
  readonly user: User;
  /** The `jti` of the access token; null while a password is exchanged for one. */
  readonly tokenId: string | null;
  /** The session that the token belongs to; null while a password is exchanged for one. */
  readonly sessionId: string | null;
}

/** What every feature may know of a user without knowing the users. */
export interface PrincipalUser {
  readonly id: number;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
}
