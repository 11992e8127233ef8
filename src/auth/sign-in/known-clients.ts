import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { SessionNetwork } from '../sessions/session-network.entity.js';

/**
 * Days that a client stays known after the last use of a session there. Sessions are deleted 30 days after their end.
 */
const KNOWN_DAYS = 30;

/** The clients where an account was used: IPv4 addresses and IPv6 /64s, as the limits count them. */
@Injectable()
export class KnownClients {
  constructor(@InjectRepository(SessionNetwork) private readonly networks: Repository<SessionNetwork>) {}

  /**
   * Whether the account had a session at the client within 30 days. The current network of a session has no `leftAt`.
   *
   * @param accountId null for an unknown name: the same statement runs, in the same time
   */
  async isKnown(accountId: number | null, client: string): Promise<boolean> {
    return this.networks
      .createQueryBuilder('network')
      .innerJoin('network.session', 'session')
      .where('network.userId = CAST(:accountId AS int)', { accountId })
      .andWhere('network.network = client_network(:client)', { client })
      .andWhere('COALESCE(network.leftAt, session.lastUsedAt) > now() - make_interval(days => :days)', {
        days: KNOWN_DAYS,
      })
      .getExists();
  }
}
