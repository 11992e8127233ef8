import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { Command } from './command.js';
import { withService } from './with-service.js';

const EVENT_ID = /^[1-9]\d{0,17}$/;

export const auditAcknowledge: Command = {
  name: 'audit:acknowledge',
  about: 'Record that events were lost before they were sealed.',
  details: 'ID is the id of an event that audit:verify reports as lost. Either all ids are recorded or none.',
  operands: ['ID …'],
  run: async ({ operands }, variables) => {
    const ids = [...new Set(operands)];
    if (ids.length === 0 || !ids.every((id) => EVENT_ID.test(id)))
      throw new ConfigurationError('audit:acknowledge needs the ids of events that audit:verify reports as lost.');
    return withService(
      variables,
      async () => (await import('../audit/audit-integrity.js')).AuditIntegrity,
      async (integrity) => {
        await integrity.acknowledge(ids);
        return { text: `Recorded as lost: ${ids.map((id) => `event ${id}`).join(', ')}.` };
      },
    );
  },
};
