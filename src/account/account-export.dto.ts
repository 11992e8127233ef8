import type { OneTimeToken } from '../auth/links/one-time-token.entity.js';
import type { SessionNetwork } from '../auth/sessions/session-network.entity.js';
import type { Session } from '../auth/sessions/session.entity.js';
import {
  BooleanField,
  DateTimeField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
} from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';
import type { User } from '../users/user.entity.js';
import { ActivityResponse } from './activity-response.dto.js';
import { ProfileResponse } from './profile.dto.js';

/** All data of an account except the password hash. */
export class ExportedAccount extends ProfileResponse {
  @DateTimeField({
    optional: true,
    description: 'Time when the address was verified.',
    example: '2026-01-04T10:05:00Z',
  })
  email_verified_at: Timestamp | null;

  @BooleanField({ description: 'Whether the address must be verified before a sign-in.', example: false })
  must_verify_email: boolean;

  static override from(user: User): ExportedAccount {
    return Object.assign(new ExportedAccount(), ProfileResponse.from(user), {
      email_verified_at: user.emailVerifiedAt,
      must_verify_email: user.mustVerifyEmail,
    });
  }
}

/** A network where a session was used: an IPv4 address or an IPv6 /64. */
export class ExportedNetwork {
  @StringField({ example: '192.0.2.1/32' })
  network: string;

  @DateTimeField({
    optional: true,
    description: 'Time of the last use in this network; null while the session is used there.',
    example: '2026-01-04T10:30:00Z',
  })
  left_at: Timestamp | null;
}

/** A session, active or ended. */
export class ExportedSession {
  @StringField({ example: '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88' })
  id: string;

  @StringField({ example: 'Firefox on Linux' })
  device: string;

  @StringField({ optional: true, example: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' })
  user_agent: string | null;

  @StringField({ example: '192.0.2.1' })
  address: string;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;

  @DateTimeField({ example: '2026-01-04T11:00:00Z' })
  last_used_at: Timestamp;

  @IntegerField({ description: 'Number of refreshes.', example: 2 })
  refreshes: number;

  @DateTimeField({ example: '2026-02-03T11:00:00Z' })
  expires_at: Timestamp;

  @DateTimeField({
    optional: true,
    description:
      'Time when the session was ended; null if it is active, has expired, or its end has no recorded time (`account_disabled`).',
    example: '2026-01-05T10:00:00Z',
  })
  ended_at: Timestamp | null;

  @StringField({
    optional: true,
    description: 'Reason for the end of the session; `account_disabled` if the account was disabled.',
    example: 'logout',
  })
  end_reason: string | null;

  @ListField(ExportedNetwork)
  networks: readonly ExportedNetwork[];

  /** @param session with its account, whose epoch shows whether the account was disabled since */
  static from(session: Session, networks: readonly SessionNetwork[]): ExportedSession {
    const isDisabled = session.endedAt === null && session.sessionEpoch !== session.user?.sessionEpoch;
    return Object.assign(new ExportedSession(), {
      id: session.id,
      device: session.deviceLabel,
      user_agent: session.userAgent,
      address: session.address,
      created_at: session.createdAt,
      last_used_at: session.lastUsedAt,
      refreshes: session.generation,
      expires_at: session.endsAt,
      ended_at: session.endedAt,
      end_reason: isDisabled ? 'account_disabled' : session.endReason,
      networks: networks.map(({ network, leftAt }) => ({ network, left_at: leftAt })),
    });
  }
}

/** A link that has not expired. */
export class ExportedLink {
  @StringField({
    description:
      'Purpose of the link: `password_reset`, `email_verification` or `email_change`; after use `email_verified` or `email_changed`. `former_address` is the notice that goes to the former address after a change; it has no link.',
    example: 'email_verification',
  })
  purpose: string;

  @StringField({ description: 'Address that the link is sent to.', example: 'john@example.com' })
  email: string;

  @StringField({
    optional: true,
    description: 'Address of the account when the change of address was requested; empty if it had none.',
    example: 'john@example.com',
  })
  account_email: string | null;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;

  @DateTimeField({ optional: true, example: '2026-01-05T10:00:00Z' })
  expires_at: Timestamp | null;

  static from(link: OneTimeToken): ExportedLink {
    return Object.assign(new ExportedLink(), {
      purpose: link.purpose,
      email: link.email,
      account_email: link.accountEmail,
      created_at: link.createdAt,
      expires_at: link.expiresAt,
    });
  }
}

/** A queued job, such as a message that has not been sent. */
export class ExportedJob {
  @StringField({ example: 'mail.send' })
  job: string;

  @StringField({ optional: true, description: 'The message to send.', example: 'welcome' })
  template: string | null;

  @StringField({ optional: true, example: 'en' })
  language: string | null;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;
}

/** All data about an account. It contains no secrets, which are only stored as hashes. */
export class AccountExport {
  @DateTimeField({ example: '2026-01-06T10:00:00Z' })
  exported_at: Timestamp;

  @ObjectField(ExportedAccount)
  account: ExportedAccount;

  @ListField(ExportedSession)
  sessions: readonly ExportedSession[];

  @ListField(ExportedLink)
  links: readonly ExportedLink[];

  @ListField(ExportedJob)
  queued: readonly ExportedJob[];

  @ListField(ActivityResponse)
  activity: readonly ActivityResponse[];
}
