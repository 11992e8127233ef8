/**
 * The names of all permissions. A feature adds its own by declaration merging, beside its `definePermission`:
 * `interface PermissionNames { 'users:read': true }`.
 */
export interface PermissionNames {}

/** What a principal may do, `resource:action`. */
export type Permission = keyof PermissionNames;

const NAME = /^[a-z][a-z-]*:[a-z][a-z-]*$/;

const descriptions = new Map<string, string>();
const all = new Set<Permission>();
const none: ReadonlySet<Permission> = new Set();

/**
 * Adds a permission to the catalogue.
 *
 * @param description what it allows, in a few words
 * @throws RangeError for a name that is defined already or is not of the form `resource:action`
 */
export function definePermission(name: Permission, description: string): void {
  if (!NAME.test(name)) throw new RangeError(`the permission ${name} is not of the form resource:action`);
  if (descriptions.has(name)) throw new RangeError(`the permission ${name} is defined twice`);
  descriptions.set(name, description);
  all.add(name);
}

/** What a permission allows, in a few words; undefined for a name that is not in the catalogue. */
export function describePermission(name: string): string | undefined {
  return descriptions.get(name);
}

/** What the database grants to a user: everything to a superuser, nothing to others. */
export function permissionsOf(user: { readonly isSuperuser: boolean }): ReadonlySet<Permission> {
  return user.isSuperuser ? all : none;
}
