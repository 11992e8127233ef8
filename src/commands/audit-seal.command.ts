import type { Command } from './command.js';
import { withService } from './with-service.js';

export const auditSeal: Command = {
  name: 'audit:seal',
  about: 'Seal the audit log now.',
  details: 'The service seals it every minute.',
  run: async (_given, variables) =>
    withService(
      variables,
      async () => (await import('../audit/audit-integrity.js')).AuditIntegrity,
      async (integrity) => {
        const { events, head } = await integrity.seal();
        return { text: `Sealed ${events} events. Head of the chain: ${head.seq}:${head.hash.toString('hex')}` };
      },
    ),
};
