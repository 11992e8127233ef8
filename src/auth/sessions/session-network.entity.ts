import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { Session } from './session.entity.js';

/** A network from which a session was used. Triggers of `sessions` write the table. */
@Entity('session_networks')
@Index('ix_session_networks_user_id_network', ['userId', 'network'])
export class SessionNetwork {
  @PrimaryColumn({ name: 'session_id', type: 'uuid', primaryKeyConstraintName: 'pk_session_networks' })
  sessionId: string;

  @ManyToOne(() => Session, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'session_id', foreignKeyConstraintName: 'fk_session_networks_session_id' })
  session?: Session;

  @Column({ name: 'user_id', type: 'integer' })
  userId: number;

  /** An IPv4 address or an IPv6 /64. */
  @PrimaryColumn({ type: 'cidr', primaryKeyConstraintName: 'pk_session_networks' })
  network: string;

  /** Last use of the session from this network; null for its current network. */
  @Column({ name: 'left_at', type: 'timestamptz', nullable: true })
  leftAt: Timestamp | null;
}
