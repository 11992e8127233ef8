import { readFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/audit/audit-actions.js';
import { AUDIT_FINDINGS } from '../../src/audit/findings.js';
import { expectGeneratedTable } from '../support/markdown-table.js';

const PAGE = 'docs/audit.md';
const FINDINGS_PAGE = 'docs/audit/tamper-evidence.md';

describe('the pages of the audit log', () => {
  it('has the table of actions of src/audit/audit-actions.ts (UPDATE_GENERATED=1 writes it)', () => {
    const rows = Object.entries(AUDIT_ACTIONS).map(([action, { outcome, about }]) => [`\`${action}\``, outcome, about]);
    expectGeneratedTable(PAGE, 'actions', [['action', 'outcome', 'meaning'], ...rows]);
  });

  it('explains every finding', () => {
    const explained = [...readFileSync(FINDINGS_PAGE, 'utf8').matchAll(/^\| `(\w+\.\w+)` +\| [a-z]/gm)].map(
      ([, kind]) => kind,
    );
    expect(explained).toEqual(expect.arrayContaining([...AUDIT_FINDINGS]));
  });
});
