import type { Verification } from '../../src/audit/findings.js';
import { sealAll } from '../../src/audit/sealing.js';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import { AuditLog } from '../support/audit-log.js';
import { runCommand } from '../support/command-line.js';

describe('cli audit:verify and audit:seal', () => {
  let log: AuditLog;
  beforeEach(async () => (log = await AuditLog.open()));
  afterEach(() => log.close());

  const verify = async (...options: string[]) => runCommand(log.database, 'audit:verify', ...options);

  it('seal immediately and print the head of the chain', async () => {
    await log.record();
    const sealed = await runCommand(log.database, 'audit:seal');
    const { head } = await log.verify();
    expect(sealed).toEqual({ text: `Sealed 1 events. Head of the chain: 1:${head.hash}` });
  });

  it('exit with 0 for an intact log and 2 for a tampered one', async () => {
    const id = await log.record();
    await log.seal();
    expect(await verify()).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('is intact: 1 events in 1 seals'),
    });
    await log.tamper(`UPDATE audit_events SET actor_id = 8 WHERE id = ${id}`);
    expect(await verify()).toMatchObject({
      exitCode: 2,
      text: expect.stringContaining(`event ${id} of seal 1 was changed`),
    });
  });

  it('print JSON with --json', async () => {
    await log.record();
    const { text, exitCode } = await verify('--json');
    const verification = JSON.parse(text) as Verification;
    expect([exitCode, verification.intact, verification.unsealed]).toEqual([0, true, 1]);
  });

  it('compare the chain with a recorded head', async () => {
    await log.record();
    await log.seal();
    const { head } = await log.verify();
    expect(await verify('--anchor', `${head.seq}:${head.hash}`)).toMatchObject({ exitCode: 0 });
    expect(await verify('--json', '--anchor', `2:${head.hash}`)).toMatchObject({ exitCode: 2 });
  });

  it.each([['--all'], ['--anchor'], ['--anchor', '1:ab'], ['--anchor', 'x:'.padEnd(66, 'a')], ['audit']])(
    'refuse invalid options: %s %s',
    async (...options) => {
      await expect(verify(...options)).rejects.toThrow(ConfigurationError);
    },
  );

  it('acknowledge lost events, after which the log verifies again', async () => {
    const [first, kept, second] = [await log.record(), await log.record(), await log.record()];
    await log.tamper(`DELETE FROM audit_events WHERE id IN (${first}, ${second})`);
    const acknowledged = await runCommand(log.database, 'audit:acknowledge', second, first, second);
    expect(acknowledged).toEqual({ text: `Recorded as lost: event ${second}, event ${first}.` });
    expect(await verify()).toMatchObject({ exitCode: 0 });
    // The remaining event and one acknowledgement for each lost event.
    expect(await log.seal()).toBe(3);
    expect(await verify()).toMatchObject({ exitCode: 0 });
    expect(
      await log.sql(`SELECT data->>'eventId' AS id, data->>'occurredAt' ~ '^20.*Z$' AS dated FROM audit_events
                      WHERE action = 'audit.loss_acknowledged' ORDER BY id`),
    ).toEqual([first, second].map((id) => ({ id, dated: true })));
    expect(await log.sql('SELECT FROM audit_events WHERE id = $1', [kept])).toHaveLength(1);
  });

  it('acknowledge an event that was moved in time before its seal, but not its unknown copy', async () => {
    const id = await log.record();
    await log.tamper(`UPDATE audit_events SET occurred_at = occurred_at - interval '1 microsecond' WHERE id = ${id}`);
    expect(await log.seal()).toBe(0);
    const unknown = { kind: 'event.unknown', eventId: id };
    expect((await log.verify()).findings).toMatchObject([unknown, { kind: 'event.lost', eventId: id }]);
    await runCommand(log.database, 'audit:acknowledge', id);
    await log.seal();
    expect((await log.verify()).findings).toMatchObject([unknown]);
  });

  it.each([
    ['exists', (id: string) => [id]],
    ['is unknown, next to a lost one', (_: string, lost: string) => [lost, '999999']],
    ['has an invalid id', () => ['1; DROP TABLE users']],
    ['is not given', () => []],
  ])('refuse to acknowledge an event that %s', async (_what, idsOf) => {
    const [id, lost] = [await log.record(), await log.record()];
    await log.tamper(`DELETE FROM audit_events WHERE id = ${lost}`);
    const acknowledging = runCommand(log.database, 'audit:acknowledge', ...idsOf(id, lost));
    await expect(acknowledging).rejects.toThrow(ConfigurationError);
    expect((await log.verify()).findings).toMatchObject([{ kind: 'event.lost', eventId: lost }]);
    expect(await log.sql('SELECT FROM audit_unsealed')).toHaveLength(2);
  });

  it('change nothing when they verify', async () => {
    await log.record();
    const before = await log.sql('SELECT * FROM audit_unsealed');
    await verify();
    expect(await log.sql('SELECT * FROM audit_unsealed')).toEqual(before);
  });

  it('stop between two seals when the process is aborted', async () => {
    await log.record();
    expect(await sealAll(log.dataSource, AbortSignal.abort())).toMatchObject({ events: 0, head: { seq: '0' } });
  });
});
