import type { PrincipalUser } from './principal.js';

/**
 * Names the user of a public route for the access log, where no guard has set a principal. It grants nothing: a handler
 * of a public route has no principal.
 */
export function setRequestUser(request: object, userId: number): void {
  const user: { user: Pick<PrincipalUser, 'id'> } = { user: { id: userId } };
  Object.assign(request, { user });
}
