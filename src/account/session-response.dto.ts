import { ApiSchema } from '@nestjs/swagger';
import type { Session } from '../auth/sessions/session.entity.js';
import { BooleanField, DateTimeField, StringField } from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';

/** An active session as its owner sees it. */
@ApiSchema({ name: 'Session' })
export class SessionResponse {
  @StringField({ example: '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88' })
  id: string;

  @StringField({
    description: 'Browser and operating system according to the user agent.',
    example: 'Firefox on Linux',
  })
  device: string;

  @StringField({
    optional: true,
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  })
  user_agent: string | null;

  @StringField({ description: 'IP address of the sign-in or the last refresh.', example: '203.0.113.7' })
  address: string;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;

  @DateTimeField({ description: 'Time of the sign-in or the last refresh.', example: '2026-01-05T08:30:00.123456Z' })
  last_used_at: Timestamp;

  @DateTimeField({
    description: 'Time when the session expires unless it is refreshed.',
    example: '2026-02-04T08:30:00.123456Z',
  })
  expires_at: Timestamp;

  @BooleanField({ description: 'Whether this is the session of the request.', example: true })
  current: boolean;

  static from(session: Session, currentId: string | null): SessionResponse {
    const response = new SessionResponse();
    response.id = session.id;
    response.device = session.deviceLabel;
    response.user_agent = session.userAgent;
    response.address = session.address;
    response.created_at = session.createdAt;
    response.last_used_at = session.lastUsedAt;
    response.expires_at = session.endsAt;
    response.current = session.id === currentId;
    return response;
  }
}
