import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { ConfigurationError } from './configuration-error.js';
import { type EnvFile, parseEnvFile } from './env-file.js';
import { Environment } from './environment.js';
import { weaknessOfSigningKey } from './signing-key.js';
import { type Variable, variablesOf } from './variable.decorator.js';

export interface LoadedEnvironment {
  environment: Environment;
  /** Lines for the operator: what has no effect in the file, a weak key that DEBUG lets pass. */
  warnings: string[];
}

/**
 * Reads and checks the settings. The process wins over the file; an empty value counts as absent.
 *
 * @param processVariables the variables of the process, `process.env`
 * @throws ConfigurationError naming every wrong setting at once
 */
export function loadEnvironment(processVariables: NodeJS.ProcessEnv): LoadedEnvironment {
  const name = processVariables.ENV_FILE || '.env';
  const file = readEnvFile(name, processVariables);
  const variables = variablesOf(Environment);
  const read = new Map<string, string>();
  for (const { name } of variables) {
    const text = processVariables[name] || file.values.get(name);
    if (text) read.set(name, text);
  }
  const environment = new Environment();
  const problems = fill(environment, variables, read);
  // Whether DEBUG is wrong or right decides about the rest.
  if (typeof environment.DEBUG === 'boolean') problems.push(...checkTogether(environment));
  if (problems.length > 0) throw new ConfigurationError(describeProblems(problems));
  const warnings = [...warnOfFile(name, file, variables), ...warnOfWeakKey(environment)];
  if (!environment.SECRET_KEY) Object.assign(environment, { SECRET_KEY: randomBytes(64).toString('base64url') });
  return { environment, warnings };
}

/** The file that was asked for must be there; `.env` need not. */
function readEnvFile(name: string, processVariables: NodeJS.ProcessEnv): EnvFile {
  if (!processVariables.ENV_FILE && !existsSync(name)) return parseEnvFile('');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(name));
    return parseEnvFile(text, processVariables);
  } catch (error) {
    throw new ConfigurationError(`The settings file ${name} (ENV_FILE) cannot be read: ${(error as Error).message}`);
  }
}

function fill(environment: Environment, variables: readonly Variable[], read: Map<string, string>): string[] {
  const values: Record<string, unknown> = {};
  for (const variable of variables) {
    const text = read.get(variable.name);
    values[variable.name] = text === undefined ? variable.default : parse(variable, text);
  }
  Object.assign(environment, values);
  const wrong = new Set(validateSync(environment).map(({ property }) => property));
  return variables.filter(({ name }) => wrong.has(name)).map((variable) => describe(variable, read.get(variable.name)));
}

/** A wrong text is kept as NaN, which no validator of a variable accepts, not even an optional one. */
function parse(variable: Variable, text: string): unknown {
  if (!variable.parse) return text;
  try {
    return variable.parse(text) ?? Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function describe({ name, secret, expected }: Variable, text = ''): string {
  return `${name} holds ${secret ? '**********' : JSON.stringify(text)}; expected ${expected}`;
}

/** Rules over several settings. */
function checkTogether(environment: Environment): string[] {
  const problems: string[] = [];
  const weakness = weaknessOfSigningKey(environment);
  if (weakness && !environment.DEBUG) {
    problems.push(
      `SECRET_KEY cannot be used: ${weakness}. Make one with \`openssl rand -base64 48\` (DEBUG=True accepts any, for development)`,
    );
  }
  if (!environment.DATABASE_URL && !environment.PGHOST && !environment.DEBUG && !environment.EMBEDDED_POSTGRES) {
    problems.push(
      'DATABASE_URL and PGHOST are not set; expected the PostgreSQL to use, or EMBEDDED_POSTGRES=True to start the one that comes with the service',
    );
  }
  return problems;
}

function describeProblems(problems: string[]): string {
  const count = problems.length === 1 ? 'One setting is' : `${problems.length} settings are`;
  return [`${count} wrong, the service did not start:`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
}

function warnOfFile(file: string, { values, unreadableLines }: EnvFile, variables: readonly Variable[]): string[] {
  const known = new Set(variables.map(({ name }) => name));
  const unknown = [...values.keys()].filter((name) => !known.has(name));
  return [
    ...unreadableLines.map((line) => `line ${line} of ${file} is no setting (NAME=value) and has no effect`),
    ...unknown.map((name) => `${name} in ${file} is not a setting of this service and has no effect`),
    ...(values.get('ENV_FILE') ? [`ENV_FILE in ${file} has no effect: it is only read from the process`] : []),
  ];
}

function warnOfWeakKey(environment: Environment): string[] {
  const weakness = weaknessOfSigningKey(environment);
  if (!weakness) return [];
  const until = environment.SECRET_KEY ? '' : '; one was made up, and its tokens end with this process';
  return [`SECRET_KEY is not fit for production: ${weakness}; it is accepted because DEBUG is True${until}`];
}
