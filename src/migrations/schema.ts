import type { Schema } from '../platform/database/migrate.js';
import { User } from '../users/user.entity.js';
import { CreateUsers1770000000000 } from './1770000000000-create-users.js';
import { CreateRateLimits1770000100000 } from './1770000100000-create-rate-limits.js';
import { refuseUnlessAdoptable } from './users-adoption.js';

/** Every table and every migration, oldest first; a test holds the list to the files of this folder. */
export const schema: Schema = {
  entities: [User],
  migrations: [CreateUsers1770000000000, CreateRateLimits1770000100000],
  inspect: refuseUnlessAdoptable,
};
