import { SetMetadata } from '@nestjs/common';
import type { Permission } from './permissions.js';

export const REQUIRED_PERMISSION = 'access:required-permission';

/** The handler, or every handler of the controller, needs this permission. Without it the answer is 403. */
export const Requires = (permission: Permission) => SetMetadata(REQUIRED_PERMISSION, permission);
