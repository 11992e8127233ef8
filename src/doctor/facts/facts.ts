import type { BackupFacts } from './backup-facts.js';
import type { DatabaseFacts } from './database-facts.js';
import type { FolderFacts } from './folder-facts.js';
import type { MailServerFacts } from './mail-facts.js';
import type { MachineFacts } from './machine-facts.js';
import type { PortFacts, RedisFacts } from './network-facts.js';
import type { SettingsFacts } from './settings-facts.js';

/** The input of all checks, gathered before the first one runs. */
export interface Facts {
  settings: SettingsFacts;
  database: DatabaseFacts;
  machine: MachineFacts;
  port: PortFacts;
  /** Undefined without REDIS_URL. */
  redis: RedisFacts | undefined;
  /** Undefined without SMTP_HOST, or if the SMTP settings are invalid. */
  mailServer: MailServerFacts | undefined;
  /** The folder LOG_DIR. Undefined if it is not set. */
  logs: FolderFacts | undefined;
  /** The folder DATA_DIR. Undefined without the embedded PostgreSQL, whose data is the only permanent content. */
  data: FolderFacts | undefined;
  backups: BackupFacts;
}
