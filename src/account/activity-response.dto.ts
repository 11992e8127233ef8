import { ApiSchema } from '@nestjs/swagger';
import type { AuditItem } from '../audit/audit-reader.js';
import { AnyObjectField, DateTimeField, StringField } from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';

/** An audit event as the owner of the account sees it. */
@ApiSchema({ name: 'Activity' })
export class ActivityResponse {
  @StringField({ example: '4711' })
  id: string;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  occurred_at: Timestamp;

  @StringField({ description: 'Name of the event.', example: 'session.opened' })
  action: string;

  @StringField({ values: ['success', 'failure'], example: 'success' })
  outcome: string;

  @StringField({
    optional: true,
    description: 'IP address of the request; null if unknown or erased.',
    example: '192.0.2.1',
  })
  address: string | null;

  @StringField({ optional: true, example: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' })
  user_agent: string | null;

  @StringField({ optional: true, example: '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88' })
  session_id: string | null;

  @AnyObjectField({ description: 'Details of the event, such as a reason.', example: { new_device: true } })
  data: object;

  static from(item: AuditItem): ActivityResponse {
    return Object.assign(new ActivityResponse(), {
      id: item.id,
      occurred_at: item.occurredAt,
      action: item.action,
      outcome: item.outcome,
      address: item.address,
      user_agent: item.userAgent,
      session_id: item.sessionId,
      data: { ...item.data, ...item.personal },
    });
  }
}
