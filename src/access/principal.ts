import type { Permission } from './permissions.js';

/** Who sends a request: a user in a session, or a program with an API key of a user. */
export type Principal<User extends PrincipalUser = PrincipalUser> = SessionPrincipal<User> | ApiKeyPrincipal<User>;

/** What every feature may know of a user without knowing the users. */
export interface PrincipalUser {
  readonly id: number;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
}

interface AnyPrincipal<User extends PrincipalUser> {
  readonly user: User;
  /** What the database grants to the user now. */
  readonly permissions: ReadonlySet<Permission>;
}

export interface SessionPrincipal<User extends PrincipalUser = PrincipalUser> extends AnyPrincipal<User> {
  readonly kind: 'session';
  readonly sessionId: string;
  /** Authenticator assurance level (NIST SP 800-63B): 2 after two different factors. */
  readonly aal: 1 | 2;
  /** Authentication methods of the session (RFC 8176). */
  readonly amr: readonly string[];
  /** When the user last proved their identity in this session. */
  readonly authenticatedAt: Date;
  /** Seconds since then, by the database's clock when the principal was read. */
  readonly authenticationAge: number;
  /** The administrator who acts as the user; absent for the user themselves. */
  readonly actorId?: number;
}

export interface ApiKeyPrincipal<User extends PrincipalUser = PrincipalUser> extends AnyPrincipal<User> {
  readonly kind: 'api-key';
  readonly keyId: string;
  /** What the key may be used for, if its owner has the permission. */
  readonly scopes: readonly Permission[];
}

/** Whether a principal has a permission. An API key needs it twice: granted to its owner and among its scopes. */
export function hasPermission(principal: Principal, permission: Permission): boolean {
  return (
    principal.permissions.has(permission) && (principal.kind === 'session' || principal.scopes.includes(permission))
  );
}
