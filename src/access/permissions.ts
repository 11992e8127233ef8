/**
 * The names of all permissions. A feature adds its names by declaration merging, next to its `definePermission`:
 * `interface PermissionNames { 'users:read': true }`.
 */
export interface PermissionNames {}

/** A permission of the form `resource:action`. */
export type Permission = keyof PermissionNames;

const NAME = /^[a-z][a-z-]*:[a-z][a-z-]*$/;

const descriptions = new Map<string, string>();
const all = new Set<Permission>();
const none: ReadonlySet<Permission> = new Set();

/**
 * Adds a permission to the catalogue.
 *
 * @param description a short description of the allowed action
 * @throws RangeError for a name that is already defined or not of the form `resource:action`
 */
export function definePermission(name: Permission, description: string): void {
  if (!NAME.test(name)) throw new RangeError(`the permission ${name} is not of the form resource:action`);
  if (descriptions.has(name)) throw new RangeError(`the permission ${name} is defined twice`);
  descriptions.set(name, description);
  all.add(name);
}

/** The description of a permission; undefined for a name that is not in the catalogue. */
export function describePermission(name: string): string | undefined {
  return descriptions.get(name);
}

/** The permissions of a user: all for a superuser, none for others. */
export function permissionsOf(user: { readonly isSuperuser: boolean }): ReadonlySet<Permission> {
  return user.isSuperuser ? all : none;
}
