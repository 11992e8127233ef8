import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import { migrationDataSource } from '../platform/database/migrate.js';
import { readableVerification, type Verification } from './findings.js';
import { acknowledgeLosses } from './losses.js';
import { sealAll } from './sealing.js';
import { verifyChain } from './verification.js';

/** What a command says, and with which code the process ends. */
export interface CommandResult {
  text: string;
  exitCode: number;
}

interface VerifyOptions {
  json: boolean;
  anchor: { seq: string; hash: string } | undefined;
}

const EVENT_ID = /^[1-9]\d{0,17}$/;
const ANCHOR = /^(0|[1-9]\d{0,17}):([0-9a-f]{64})$/;

/**
 * `audit:verify [--json] [--anchor SEQ:HASH]`: exit code 2 when the log is broken.
 *
 * @throws ConfigurationError for options that there are not
 */
export async function verifyAudit(
  settings: DatabaseSettings,
  logger: Logger,
  options: readonly string[],
): Promise<CommandResult> {
  const { json, anchor } = verifyOptions(options);
  const verification = await onDatabase(settings, logger, async (dataSource) => verifyNow(dataSource, anchor));
  return {
    text: json ? JSON.stringify(verification, null, 2) : readableVerification(verification),
    // 1 is that of a command that could not look.
    exitCode: verification.intact ? 0 : 2,
  };
}

/** The log as it is at one moment, without changing or holding up anything. */
export async function verifyNow(dataSource: DataSource, anchor?: VerifyOptions['anchor']): Promise<Verification> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    await tx.query('SET TRANSACTION READ ONLY');
    // Before the snapshot: one from before a month was dropped would have its seals, and no longer its events.
    await tx.query('LOCK TABLE audit_events, audit_details IN ACCESS SHARE MODE');
    return verifyChain(tx, anchor);
  });
}

/**
 * `audit:seal`: seals what is committed now, rather than within a minute.
 *
 * @throws ConfigurationError for options, of which there are none
 */
export async function sealAudit(
  settings: DatabaseSettings,
  logger: Logger,
  options: readonly string[],
): Promise<CommandResult> {
  if (options.length > 0) throw new ConfigurationError('audit:seal has no options.');
  const { events, head } = await onDatabase(settings, logger, async (dataSource) => sealAll(dataSource));
  return { text: `Sealed ${events} events. Head of the chain: ${head.seq}:${head.hash.toString('hex')}`, exitCode: 0 };
}

/**
 * `audit:acknowledge ID …`: takes note of events that `audit:verify` calls lost.
 *
 * @throws ConfigurationError for what is no id of such an event
 */
export async function acknowledgeAuditLosses(
  settings: DatabaseSettings,
  logger: Logger,
  options: readonly string[],
): Promise<CommandResult> {
  const ids = [...new Set(options)];
  if (ids.length === 0 || !ids.every((id) => EVENT_ID.test(id)))
    throw new ConfigurationError('audit:acknowledge needs the ids of the events that audit:verify calls lost.');
  await onDatabase(settings, logger, async (dataSource) => acknowledgeLosses(dataSource, ids));
  return { text: `On record as lost: ${ids.map((id) => `event ${id}`).join(', ')}.`, exitCode: 0 };
}

function verifyOptions(options: readonly string[]): VerifyOptions {
  const rest = [...options];
  const result: VerifyOptions = { json: false, anchor: undefined };
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    const [, seq, hash] = option === '--anchor' ? (ANCHOR.exec(rest.shift() ?? '') ?? []) : [];
    if (option === '--json') result.json = true;
    else if (seq !== undefined && hash !== undefined) result.anchor = { seq, hash };
    else
      throw new ConfigurationError('audit:verify knows --json and --anchor SEQ:HASH, the head that was written down.');
  }
  return result;
}

/** On connections without time limits: the chain may be long. */
async function onDatabase<T>(
  settings: DatabaseSettings,
  logger: Logger,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const nothing = { entities: [], migrations: [], inspect: async () => undefined };
  const dataSource = await migrationDataSource(settings, nothing, logger).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
