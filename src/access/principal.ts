/** Who a request comes from, once its token has been checked and its user read. */
export interface Principal<User extends PrincipalUser = PrincipalUser> {
  readonly user: User;
  /** The `jti` of the access token; null while a password is exchanged for one. */
  readonly tokenId: string | null;
  /** The session that the token belongs to; null while a password is exchanged for one. */
  readonly sessionId: string | null;
  /** Authenticator assurance level of the session: 2 after two different kinds of factor. */
  readonly aal: 1 | 2;
  /** The authentication methods of the session (RFC 8176). */
  readonly amr: readonly string[];
  /** When the user last proved who they are in this session. */
  readonly authenticatedAt: Date;
  /** Seconds since then, by the database's clock when the principal was read. */
  readonly authenticationAge: number;
}

/** What every feature may know of a user without knowing the users. */
export interface PrincipalUser {
  readonly id: number;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
}
