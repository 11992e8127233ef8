import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { SessionNetwork } from '../sessions/session-network.entity.js';

/** Days after the last use in which a client stays known. Ended sessions are deleted after the same time. */
const KNOWN_DAYS = 30;

/** The clients that have used an account: IPv4 addresses and IPv6 /64 networks, as the limits count them. */
@Injectable()
export class KnownClients {
  constructor(@InjectRepository(SessionNetwork) private readonly networks: Repository<SessionNetwork>) {}

  /**
   * Whether the client used a session of the account within KNOWN_DAYS. `leftAt` is null for the current network of a
   * session.
   *
   * @param accountId null for an unknown name; the same statement runs, so that the time is the same
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
