import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import { Public } from '../../src/access/public.decorator.js';
import { PageResponse } from '../../src/fastapi/pagination/page-response.decorator.js';
import { PageQuery, PageRequest } from '../../src/fastapi/pagination/page-request.js';
import { DateTimeField, IntegerField } from '../../src/fastapi/validation/field.decorators.js';
import { Timestamp } from '../../src/platform/database/timestamp.js';
import { positionOf } from '../../src/platform/pagination/cursor.js';
import { applyKeyset } from '../../src/platform/pagination/keyset.js';
import { mapPage, type Page, toPage } from '../../src/platform/pagination/page.js';

/** A list as a feature would implement it. */

@Entity('things')
class Thing {
  @PrimaryColumn({ type: 'bigint' })
  id: string;

  @Column({ name: 'owner_id', type: 'int' })
  ownerId: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Timestamp;
}

class ThingResponse {
  @IntegerField({ example: 1 })
  id: number;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;
}

const THINGS = { list: 'things', time: 'thing.createdAt', id: 'thing.id', idType: 'bigint' } as const;

/** Every statement of the list. */
export const statements: { sql: string; values: unknown[] }[] = [];

@Injectable()
class ThingsService {
  constructor(private readonly dataSource: DataSource) {}

  async listFor(ownerId: number, page: PageRequest): Promise<Page<Thing>> {
    const query = this.dataSource
      .getRepository(Thing)
      .createQueryBuilder('thing')
      .where('thing.owner_id = :ownerId', { ownerId });
    const paged = applyKeyset(query, THINGS, page);
    const [sql, values] = paged.getQueryAndParameters();
    statements.push({ sql, values });
    const rows = await paged.getMany();
    return toPage(page, rows, (row) => positionOf(row.createdAt, row.id), this.counting(ownerId));
  }

  private counting(ownerId: number): () => Promise<number> {
    return async () => {
      const sql = 'SELECT count(*)::int AS count FROM things WHERE owner_id = $1';
      const [{ count } = { count: 0 }] = await this.dataSource.query<{ count: number }[]>(sql, [ownerId]);
      return count;
    };
  }
}

@ApiTags('things')
@Public()
@Controller({ path: 'things', version: '1' })
class ThingsController {
  constructor(private readonly things: ThingsService) {}

  @Get()
  @PageResponse(ThingResponse)
  async listThings(@PageQuery(THINGS) page: PageRequest): Promise<Page<ThingResponse>> {
    const found = await this.things.listFor(1, page);
    return mapPage(found, ({ id, createdAt }) => ({ id: Number(id), created_at: createdAt }));
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([Thing])],
  controllers: [ThingsController],
  providers: [ThingsService],
})
export class ThingsModule {}
