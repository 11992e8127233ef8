import { SetMetadata } from '@nestjs/common';
import type { Permission } from './permissions.js';

export const REQUIRED_PERMISSION = 'access:required-permission';

/** The handler, or every handler of the controller, requires this permission. Without it the response is 403. */
export const Requires = (permission: Permission) => SetMetadata(REQUIRED_PERMISSION, permission);
