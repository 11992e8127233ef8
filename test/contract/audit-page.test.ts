import { readFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/audit/actions.js';
import { AUDIT_FINDINGS } from '../../src/audit/findings.js';
import { expectGeneratedTable } from '../support/markdown-table.js';

const PAGE = 'docs/audit.md';

describe('docs/audit.md', () => {
  it('has the table of actions generated from the source (UPDATE_GENERATED=1 writes it)', () => {
    const rows = Object.entries(AUDIT_ACTIONS).map(([action, { outcome, about }]) => [`\`${action}\``, outcome, about]);
    expectGeneratedTable(PAGE, 'actions', [['action', 'outcome', 'happened'], ...rows]);
  });

  it('explains every finding', () => {
    const explained = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+\.\w+)` +\| [a-z]/gm)].map(([, kind]) => kind);
    expect(explained).toEqual(expect.arrayContaining([...AUDIT_FINDINGS]));
  });
});
