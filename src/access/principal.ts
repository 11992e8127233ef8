import type { Permission } from './permissions.js';

/** The sender of a request: a user in a session, or a program with an API key of a user. */
export type Principal<User extends PrincipalUser = PrincipalUser> = SessionPrincipal<User> | ApiKeyPrincipal<User>;

/** The properties of a user that every folder may use without importing `users`. */
export interface PrincipalUser {
  readonly id: number;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
}

interface AnyPrincipal<User extends PrincipalUser> {
  readonly user: User;
  /** The permissions of the user, read from the database at this request. */
  readonly permissions: ReadonlySet<Permission>;
}

export interface SessionPrincipal<User extends PrincipalUser = PrincipalUser> extends AnyPrincipal<User> {
  readonly kind: 'session';
  readonly sessionId: string;
  /** Authenticator assurance level (NIST SP 800-63B): 2 after two different factors. */
  readonly aal: 1 | 2;
  /** Authentication methods of the session (RFC 8176). */
  readonly amr: readonly string[];
  /** Time of the sign-in or the last reauthentication of this session. */
  readonly authenticatedAt: Date;
  /** Seconds since `authenticatedAt`, by the database's clock when the principal was read. */
  readonly authenticationAge: number;
  /** The administrator who acts as the user; absent if the user acts themselves. */
  readonly actorId?: number;
}

export interface ApiKeyPrincipal<User extends PrincipalUser = PrincipalUser> extends AnyPrincipal<User> {
  readonly kind: 'api-key';
  readonly keyId: string;
  /** The permissions that the key may use, if its owner has them. */
  readonly scopes: readonly Permission[];
}

/** Whether a principal has a permission. For an API key, the owner must have it and the scopes must include it. */
export function hasPermission(principal: Principal, permission: Permission): boolean {
  return (
    principal.permissions.has(permission) && (principal.kind === 'session' || principal.scopes.includes(permission))
  );
}
