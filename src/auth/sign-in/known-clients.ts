import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/**
 * Days that a client stays known after the last use of a session there. Sessions are deleted 30 days after their end.
 */
const KNOWN_DAYS = 30;

/** $1 account or null, $2 client key, $3 days. The current network of a session has no `left_at`. */
const IS_KNOWN = `
  SELECT EXISTS (
    SELECT FROM session_networks JOIN sessions ON sessions.id = session_id
     WHERE session_networks.user_id = $1::int AND network = client_network($2)
       AND coalesce(left_at, last_used_at) > now() - make_interval(days => $3::int)
  ) AS known`;

/** The clients where an account was used: IPv4 addresses and IPv6 /64s, as the limits count them. */
@Injectable()
export class KnownClients {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Whether the account had a session at the client within 30 days.
   *
   * @param accountId null for an unknown name: the same statement runs, in the same time
   */
  async isKnown(accountId: number | null, client: string): Promise<boolean> {
    const [row] = await this.dataSource.query<{ known: boolean }[]>(IS_KNOWN, [accountId, client, KNOWN_DAYS]);
    return row?.known === true;
  }
}
