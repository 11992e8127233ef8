import type { PrincipalUser } from './principal.js';

/**
 * Sets the user that the access log shows for a request to a public route. It grants nothing, because handlers of public
 * routes have no principal.
 */
export function setRequestUser(request: object, userId: number): void {
  const user: { user: Pick<PrincipalUser, 'id'> } = { user: { id: userId } };
  Object.assign(request, { user });
}
