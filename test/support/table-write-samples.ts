import type { DataSource, EntityManager, Repository } from 'typeorm';
import { User } from '../../src/users/user.entity.js';

/** The test of table owners analyses this file like the source of the service. Nothing calls these functions. */

const TABLE = 'sessions';

export const writingSql = (table: string): string[] => [
  'INSERT INTO users (username) VALUES ($1)',
  'delete from only "users" where id = $1',
  `WITH ended AS (UPDATE sessions AS session SET ended_at = now() RETURNING id) SELECT id FROM ended`,
  `UPDATE ${TABLE} SET ended_at = now() WHERE id = $1`,
  'TRUNCATE TABLE users, sessions',
  `MERGE INTO public.users USING given ON users.id = given.id WHEN MATCHED THEN DO NOTHING`,
  `DELETE FROM ${table} WHERE id = $1`,
];

export const writingCalls = (tx: EntityManager, users: Repository<User>, dataSource: DataSource): unknown[] => [
  users.save(new User()),
  dataSource.getRepository(User).softDelete({ id: 1 }),
  tx.update(User, { id: 1 }, { username: 'x' }),
  tx.save(new User()),
  tx.save([new User()]),
  tx.insert('users', { username: 'x' }),
  users.createQueryBuilder().update().set({ username: 'x' }).where('id = 1'),
  users.createQueryBuilder('user').delete().where('id = 1'),
  dataSource.createQueryBuilder().insert().into(User).values({ username: 'x' }),
  tx.createQueryBuilder().delete().from(User),
  tx.createQueryBuilder(User, 'user').softDelete(),
  tx.createQueryBuilder().update('users'),
];

export const harmless = (users: Repository<User>, seen: Map<string, User>): unknown[] => [
  'SELECT id FROM users WHERE id = $1 FOR UPDATE OF users SKIP LOCKED',
  'ON CONFLICT (key) DO UPDATE SET points = excluded.points',
  'a role with SELECT, INSERT, UPDATE and DELETE on the table users',
  users.findOneBy({ id: 1 }),
  users.createQueryBuilder('user').where('id = 1').getOne(),
  seen.delete('x'),
  Array.from(seen.keys()),
];
