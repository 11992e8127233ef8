import type { Principal } from './principal.js';

/**
 * Lets the access log name who has just proved who they are on a route that is public, where no guard has. It grants
 * nothing: a handler of a public route has no principal.
 */
export function noteUser(request: object, userId: number): void {
  const user: { user: Pick<Principal['user'], 'id'> } = { user: { id: userId } };
  Object.assign(request, { user });
}
