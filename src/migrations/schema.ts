import { DeletionNotice } from '../account/deletion-notice.entity.js';
import { AuditCheckpoint } from '../audit/audit-checkpoint.entity.js';
import { AuditDetails } from '../audit/audit-details.entity.js';
import { AuditEvent } from '../audit/audit-event.entity.js';
import { AuditSeal } from '../audit/audit-seal.entity.js';
import { AuditUnsealed } from '../audit/audit-unsealed.entity.js';
import { OneTimeToken } from '../auth/links/one-time-token.entity.js';
import { HashDemand } from '../auth/passwords/hashing/hash-demand.entity.js';
import { SessionNetwork } from '../auth/sessions/session-network.entity.js';
import { Session } from '../auth/sessions/session.entity.js';
import type { Schema } from '../platform/database/migrate.js';
import { RateLimitCount } from '../platform/rate-limit/rate-limit-count.entity.js';
import { User } from '../users/user.entity.js';
import { createUsers } from './1770000000000-create-users.js';
import { CreateRateLimits1770000100000 } from './1770000100000-create-rate-limits.js';
import { CreateJobs1770000200000 } from './1770000200000-create-jobs.js';
import { CreateAudit1770000300000 } from './1770000300000-create-audit.js';
import { CreateSessions1770000400000 } from './1770000400000-create-sessions.js';
import { CreateOneTimeTokens1770000500000 } from './1770000500000-create-one-time-tokens.js';
import { AddDisplayName1770000600000 } from './1770000600000-add-display-name.js';
import { CreateHashDemands1770000700000 } from './1770000700000-create-hash-demands.js';
import { FoldNewerLetters1770000800000 } from './1770000800000-fold-newer-letters.js';
import { BindLinksToAddresses1770000900000 } from './1770000900000-bind-links-to-addresses.js';
import { AddLoginBudgets1770001000000 } from './1770001000000-add-login-budgets.js';
import { AddSessionEpochs1770001100000 } from './1770001100000-add-session-epochs.js';
import { AddRefreshConfirmations1770001150000 } from './1770001150000-add-refresh-confirmations.js';
import { GuardAuditLog1770001300000 } from './1770001300000-guard-audit-log.js';
import { CreateDeletionNotices1770001400000 } from './1770001400000-create-deletion-notices.js';
import { AddSessionAssurance1770001500000 } from './1770001500000-add-session-assurance.js';
import type { AdoptionSettings } from './adoption.settings.js';
import { refuseNameConflicts } from './name-conflicts.js';
import { refuseMissingRights } from './required-rights.js';
import { refuseHiddenAccounts } from './search-path.js';
import { refuseUnlessAdoptable } from './users-adoption.js';

/** All entities, and all migrations, oldest first. A test compares the list with the files of this folder. */
export function schemaFor({ ADOPT_TIMEZONE }: AdoptionSettings): Schema {
  return {
    entities: [
      User,
      Session,
      SessionNetwork,
      OneTimeToken,
      DeletionNotice,
      HashDemand,
      RateLimitCount,
      AuditEvent,
      AuditDetails,
      AuditUnsealed,
      AuditSeal,
      AuditCheckpoint,
    ],
    migrations: [
      createUsers(ADOPT_TIMEZONE),
      CreateRateLimits1770000100000,
      CreateJobs1770000200000,
      CreateAudit1770000300000,
      CreateSessions1770000400000,
      CreateOneTimeTokens1770000500000,
      AddDisplayName1770000600000,
      CreateHashDemands1770000700000,
      FoldNewerLetters1770000800000,
      BindLinksToAddresses1770000900000,
      AddLoginBudgets1770001000000,
      AddSessionEpochs1770001100000,
      AddRefreshConfirmations1770001150000,
      GuardAuditLog1770001300000,
      CreateDeletionNotices1770001400000,
      AddSessionAssurance1770001500000,
    ],
    inspect: async (database, executed) => {
      if (!executed) await refuseHiddenAccounts(database);
      await refuseMissingRights(database, executed, !executed?.includes(CreateJobs1770000200000.name));
      if (!executed) await refuseUnlessAdoptable(database, ADOPT_TIMEZONE);
      await refuseNameConflicts(database, executed);
    },
  };
}

/** The schema with default settings. Entities and migrations do not depend on the settings. */
export const schema = schemaFor({});
