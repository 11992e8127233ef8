import type { AuditIntegrity } from '../audit/audit-integrity.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { Command, CommandArguments, CommandResult } from './command.js';
import { withService } from './with-service.js';

const ANCHOR = /^(0|[1-9]\d{0,17}):([0-9a-f]{64})$/;

export const auditVerify: Command = {
  name: 'audit:verify',
  about: 'Verify the audit log against its seals.',
  details: 'The exit code is 2 if the log was changed, and 1 if it cannot be read.',
  options: {
    json: { about: 'Print the result as JSON.' },
    anchor: { value: 'SEQ:HASH', about: 'Require that the chain contains this head, which was noted earlier.' },
  },
  run: async (given, variables) => {
    const anchor = anchorOf(given);
    return withService(
      variables,
      async () => (await import('../audit/audit-integrity.js')).AuditIntegrity,
      async (integrity) => report(integrity, anchor, given.options.json === true),
    );
  },
};

async function report(
  integrity: AuditIntegrity,
  anchor: { seq: string; hash: string } | undefined,
  json: boolean,
): Promise<CommandResult> {
  const verification = await integrity.verify(anchor);
  const { readableVerification } = await import('../audit/findings.js');
  return {
    text: json ? JSON.stringify(verification, null, 2) : readableVerification(verification),
    exitCode: verification.intact ? 0 : 2,
  };
}

function anchorOf({ options }: CommandArguments): { seq: string; hash: string } | undefined {
  if (options.anchor === undefined) return undefined;
  const [, seq, hash] = ANCHOR.exec(String(options.anchor)) ?? [];
  if (seq === undefined || hash === undefined)
    throw new ConfigurationError('--anchor needs a head of the chain as audit:seal prints it, SEQ:HASH.');
  return { seq, hash };
}
