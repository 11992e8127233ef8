import type { BackupFacts } from './backup-facts.js';
import type { DatabaseFacts } from './database-facts.js';
import type { FolderFacts } from './folder-facts.js';
import type { MailServerFacts } from './mail-facts.js';
import type { MachineFacts } from './machine-facts.js';
import type { PortFacts, RedisFacts } from './network-facts.js';
import type { SettingsFacts } from './settings-facts.js';

/** Everything that the checks look at, gathered before the first of them. */
export interface Facts {
  settings: SettingsFacts;
  database: DatabaseFacts;
  machine: MachineFacts;
  port: PortFacts;
  /** Undefined without REDIS_URL. */
  redis: RedisFacts | undefined;
  /** Undefined without SMTP_HOST, or where its settings cannot be read. */
  mailServer: MailServerFacts | undefined;
  /** Of LOG_DIR; undefined when it is not set. */
  logs: FolderFacts | undefined;
  /** Of DATA_DIR; undefined when the embedded PostgreSQL is not used, since nothing else that lasts is kept there. */
  data: FolderFacts | undefined;
  backups: BackupFacts;
}
