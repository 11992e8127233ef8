import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { warnOfOrigins } from '../fastapi/cors/cors.settings.js';
import { incompleteSmtpCredentials } from '../mail/settings/mail.settings.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { UNSUPPORTED_VARIABLES } from '../platform/config/connection-parameters.js';
import { problemsOfDatabase, turnOffJobs } from '../platform/config/database-rules.js';
import { defaultHost } from '../platform/config/default-host.js';
import { type EnvFile, parseEnvFile } from '../platform/config/env-file.js';
import { weaknessOfKey } from '../platform/config/signing-key.js';
import type { Variable } from '../platform/config/variable.decorator.js';
import { Environment, VARIABLES } from './environment.js';

export interface LoadedEnvironment {
  environment: Environment;
  /** Warnings for the operator, such as settings without effect or a weak key that DEBUG accepts. */
  warnings: string[];
}

/** The settings with every problem found in them. */
export interface ExaminedEnvironment extends LoadedEnvironment {
  /** Each invalid setting has its default, or is undefined. */
  environment: Environment;
  /** One line per invalid setting: its value (secrets masked) and the expected one. */
  problems: string[];
  /** Names of the settings that are set, in the process or the file. */
  given: ReadonlySet<string>;
  /** Names of the settings whose values are invalid. */
  unreadable: ReadonlySet<string>;
  /** The subset of `warnings` about lines of the file that have no effect. */
  ineffective: string[];
}

/**
 * Reads and checks the settings. The process wins over the file; an empty value counts as absent.
 *
 * @param processVariables the variables of the process, `process.env`
 * @throws ConfigurationError that names every invalid setting
 */
export function loadEnvironment(processVariables: NodeJS.ProcessEnv): LoadedEnvironment {
  const { environment, warnings, problems } = examineEnvironment(processVariables);
  if (problems.length > 0) throw new ConfigurationError(describeProblems(problems));
  if (!environment.SECRET_KEY) Object.assign(environment, { SECRET_KEY: randomBytes(64).toString('base64url') });
  return { environment, warnings };
}

/**
 * Reads the settings without throwing for invalid ones, so that the doctor can check the rest.
 *
 * @throws ConfigurationError when the settings file cannot be read
 */
export function examineEnvironment(processVariables: NodeJS.ProcessEnv): ExaminedEnvironment {
  const name = processVariables.ENV_FILE || '.env';
  const file = readEnvFile(name, processVariables);
  const read = new Map<string, string>();
  const valueOf = (variable: string): string | undefined => processVariables[variable] || file.values.get(variable);
  for (const { name, alias } of VARIABLES) {
    const text = valueOf(name) || (alias && valueOf(alias));
    if (text) read.set(name, text);
  }
  const environment = new Environment();
  const wrong = fill(environment, read);
  const unreadable = new Set(wrong.map(({ name }) => name));
  if (!read.has('APP_HOST')) Object.assign(environment, { APP_HOST: defaultHost(environment.DEBUG) });
  const { APP_PORT } = environment;
  if (read.has('PUBLIC_URL') && !unreadable.has('PUBLIC_URL')) Object.assign(environment, { isPublicUrlSet: true });
  else if (APP_PORT > 0) Object.assign(environment, { PUBLIC_URL: `http://localhost:${APP_PORT}` });
  const problems = wrong.map((variable) => describe(variable, read.get(variable.name)));
  // The rules below depend on DEBUG.
  if (!unreadable.has('DEBUG')) problems.push(...checkTogether(environment, unreadable));
  problems.push(...problemsOfDatabase(environment, unreadable, valueOf));
  const given = new Set(read.keys());
  const ineffective = warnOfFile(name, file);
  const warnings = [
    ...ineffective,
    ...warnOfKeys(environment),
    ...warnOfOrigins(environment, given),
    ...turnOffJobs(environment),
  ];
  return { environment, warnings, problems, given, unreadable, ineffective };
}

/** A file that ENV_FILE names must exist; `.env` may be missing. */
function readEnvFile(name: string, processVariables: NodeJS.ProcessEnv): EnvFile {
  if (!processVariables.ENV_FILE && !existsSync(name)) return parseEnvFile('');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(name));
    return parseEnvFile(text, processVariables);
  } catch (error) {
    throw new ConfigurationError(`The settings file ${name} (ENV_FILE) cannot be read: ${(error as Error).message}`);
  }
}

/** @returns the invalid variables, which keep their defaults */
function fill(environment: Environment, read: ReadonlyMap<string, string>): Variable[] {
  const values: Record<string, unknown> = {};
  for (const variable of VARIABLES) {
    const text = read.get(variable.name);
    values[variable.name] = text === undefined ? variable.default : parse(variable, text);
  }
  Object.assign(environment, values);
  const refused = new Set(validateSync(environment).map(({ property }) => property));
  const wrong = VARIABLES.filter(({ name }) => refused.has(name));
  for (const variable of wrong) Object.assign(environment, { [variable.name]: variable.default });
  return wrong;
}

/** Text that cannot be parsed becomes NaN, which every validator refuses, even that of an optional variable. */
function parse(variable: Variable, text: string): unknown {
  if (!variable.parse) return text;
  try {
    return variable.parse(text) ?? Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function describe({ name, secret, expected, explain }: Variable, text = ''): string {
  const reason = explain?.(text);
  const held = secret ? '**********' : JSON.stringify(text);
  return `${name} holds ${held}; expected ${expected}${reason === undefined ? '' : `, but ${reason}`}`;
}

/** Rules that involve several settings. */
function checkTogether(environment: Environment, unreadable: ReadonlySet<string>): string[] {
  const { DEBUG, EMBEDDED_POSTGRES, DATABASE_URL, PGHOST } = environment;
  const problems = [
    ...(DEBUG ? [] : weakKeys(environment).map(refusalOfKey)),
    ...incompleteSmtpCredentials(environment),
  ];
  const databaseIsWrong = ['DATABASE_URL', 'PGHOST', 'EMBEDDED_POSTGRES'].some((name) => unreadable.has(name));
  if (!DATABASE_URL && !PGHOST && !DEBUG && !EMBEDDED_POSTGRES && !databaseIsWrong) {
    problems.push(
      'DATABASE_URL and PGHOST are not set; expected the PostgreSQL to use, or EMBEDDED_POSTGRES=True to start the one that comes with the service',
    );
  }
  return problems;
}

interface WeakKey {
  name: 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS';
  weakness: string;
}

/** The previous key still verifies tokens, so it must be as strong as the current one. */
function weakKeys({ SECRET_KEY, SECRET_KEY_PREVIOUS, JWT_ALGORITHM }: Environment): WeakKey[] {
  const current = weaknessOfKey(SECRET_KEY, JWT_ALGORITHM);
  const previous = SECRET_KEY_PREVIOUS ? weaknessOfKey(SECRET_KEY_PREVIOUS, JWT_ALGORITHM) : undefined;
  return [
    ...(current ? [{ name: 'SECRET_KEY' as const, weakness: current }] : []),
    ...(previous ? [{ name: 'SECRET_KEY_PREVIOUS' as const, weakness: previous }] : []),
  ];
}

function refusalOfKey({ name, weakness }: WeakKey): string {
  const remedy =
    name === 'SECRET_KEY'
      ? 'Generate one with `openssl rand -base64 48`'
      : 'Remove it. Users with a session that it signed must sign in again';
  return `${name} cannot be used: ${weakness}. ${remedy} (DEBUG=True accepts any, for development)`;
}

function describeProblems(problems: string[]): string {
  const count = problems.length === 1 ? 'One setting is' : `${problems.length} settings are`;
  return [`${count} invalid, the service did not start:`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
}

function warnOfFile(file: string, { values, unreadableLines }: EnvFile): string[] {
  const known = new Set([...VARIABLES.flatMap(({ name, alias }) => [name, alias]), ...UNSUPPORTED_VARIABLES]);
  const unknown = [...values.keys()].filter((name) => !known.has(name));
  return [
    ...unreadableLines.map((line) => `line ${line} of ${file} is not a setting (NAME=value) and has no effect`),
    ...unknown.map((name) => `${shownName(name)} in ${file} is not a setting of this service and has no effect`),
    ...(values.get('ENV_FILE') ? [`ENV_FILE in ${file} has no effect: it is only read from the process`] : []),
  ];
}

/** Part of a key that was pasted over several lines may look like a name, because it ends with `=`. It is not shown. */
function shownName(name: string): string {
  return /^(\w{1,20}|[A-Z0-9_]{1,50}|[a-z0-9_]{1,50})$/.test(name) ? name : `A name of ${name.length} characters`;
}

function warnOfKeys(environment: Environment): string[] {
  const { SECRET_KEY, SECRET_KEY_PREVIOUS, DEBUG } = environment;
  const warnings = DEBUG ? weakKeys(environment).map((key) => warningOfKey(key, environment)) : [];
  if (SECRET_KEY_PREVIOUS && SECRET_KEY_PREVIOUS === SECRET_KEY) {
    warnings.push('SECRET_KEY_PREVIOUS is the same as SECRET_KEY and has no effect');
  }
  return warnings;
}

function warningOfKey({ name, weakness }: WeakKey, { SECRET_KEY }: Environment): string {
  const isGenerated = name === 'SECRET_KEY' && !SECRET_KEY;
  const until = isGenerated ? '; a random key was generated, and its tokens expire with this process' : '';
  return `${name} is not fit for production: ${weakness}; it is accepted because DEBUG is True${until}`;
}
