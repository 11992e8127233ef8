import { databaseChecks } from './checks/database-checks.js';
import type { Checks, Verdict } from './checks/finding.js';
import { machineChecks } from './checks/machine-checks.js';
import { networkChecks } from './checks/network-checks.js';
import { operationChecks } from './checks/operation-checks.js';
import { secretChecks } from './checks/secret-checks.js';
import { settingsChecks } from './checks/settings-checks.js';
import type { Facts } from './facts/facts.js';

/** A verdict with the name of its check, as `--json` prints it. */
export interface Finding extends Verdict {
  /** Such as `Database`. */
  group: string;
  /** Such as `database-role`. Several findings of one check share it. */
  check: string;
}

const GROUPS: Readonly<Record<string, Checks>> = {
  Settings: settingsChecks,
  Secrets: secretChecks,
  Database: databaseChecks,
  Network: networkChecks,
  Machine: machineChecks,
  Operation: operationChecks,
};

/** Runs all checks, in the order of the report. */
export function diagnose(facts: Facts): Finding[] {
  return Object.entries(GROUPS).flatMap(([group, checks]) =>
    Object.entries(checks).flatMap(([check, examine]) =>
      [examine(facts) ?? []].flat().map((verdict) => Object.assign({ group, check }, verdict)),
    ),
  );
}
