import { gatherBackups } from './backup-facts.js';
import { gatherDatabase } from './database-facts.js';
import type { Facts } from './facts.js';
import { gatherFolder } from './folder-facts.js';
import { gatherMailServer } from './mail-facts.js';
import { gatherMachine } from './machine-facts.js';
import { gatherPort, gatherRedis } from './network-facts.js';
import { gatherSettings } from './settings-facts.js';

/** Gathers all facts without changes. Connects only to the service's database, Redis, mail server and port. */
export async function gatherFacts(variables: NodeJS.ProcessEnv): Promise<Facts> {
  const settings = gatherSettings(variables);
  const { environment } = settings;
  const machine = await gatherMachine(variables);
  const database = await gatherDatabase(environment, settings.unreadable);
  return {
    settings,
    machine,
    database,
    port: await gatherPort(environment.APP_HOST, environment.APP_PORT),
    redis: await gatherRedis(environment.REDIS_URL),
    mailServer: await gatherMailServer(environment, settings.unreadable),
    logs: environment.LOG_DIR ? await gatherFolder(environment.LOG_DIR) : undefined,
    data: database.state === 'embedded' ? await gatherFolder(environment.DATA_DIR) : undefined,
    backups: await gatherBackups(environment.BACKUP_DIR, machine.now),
  };
}
