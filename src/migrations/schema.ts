import type { Schema } from '../platform/database/migrate.js';
import { OneTimeToken } from '../auth/one-time-tokens/one-time-token.entity.js';
import { Session } from '../auth/sessions/session.entity.js';
import { User } from '../users/user.entity.js';
import { CreateUsers1770000000000 } from './1770000000000-create-users.js';
import { CreateRateLimits1770000100000 } from './1770000100000-create-rate-limits.js';
import { CreateJobs1770000200000 } from './1770000200000-create-jobs.js';
import { CreateAudit1770000300000 } from './1770000300000-create-audit.js';
import { CreateSessions1770000400000 } from './1770000400000-create-sessions.js';
import { CreateOneTimeTokens1770000500000 } from './1770000500000-create-one-time-tokens.js';
import { AddDisplayName1770000600000 } from './1770000600000-add-display-name.js';
import { CreateHashDemands1770000700000 } from './1770000700000-create-hash-demands.js';
import { AddLoginBudgets1770001000000 } from './1770001000000-add-login-budgets.js';
import { refuseTakenNames } from './taken-names.js';
import { refuseUnlessAdoptable } from './users-adoption.js';

/** Every table and every migration, oldest first; a test holds the list to the files of this folder. */
export const schema: Schema = {
  entities: [User, Session, OneTimeToken],
  migrations: [
    CreateUsers1770000000000,
    CreateRateLimits1770000100000,
    CreateJobs1770000200000,
    CreateAudit1770000300000,
    CreateSessions1770000400000,
    CreateOneTimeTokens1770000500000,
    AddDisplayName1770000600000,
    CreateHashDemands1770000700000,
    AddLoginBudgets1770001000000,
  ],
  inspect: async (database, executed) => {
    if (!executed) await refuseUnlessAdoptable(database);
    await refuseTakenNames(database, executed);
  },
};
