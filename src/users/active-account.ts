import type { EntityManager } from 'typeorm';
import { User } from './user.entity.js';

/**
 * Locks an active account until the end of the transaction, so that password changes, disabling and other sign-ins
 * wait.
 *
 * @param passwordHash the hash that the account must still have; any if absent
 * @returns false if the account was deleted or disabled, or has another password hash
 */
export async function lockActiveAccount(tx: EntityManager, userId: number, passwordHash?: string): Promise<boolean> {
  const account = await tx.findOne(User, {
    select: { id: true },
    where: { id: userId, isActive: true, ...(passwordHash === undefined ? {} : { passwordHash }) },
    lock: { mode: 'for_no_key_update' },
  });
  return account !== null;
}
