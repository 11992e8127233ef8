import { Controller, Get, Module, Param, Query, UseGuards } from '@nestjs/common';
import { Public } from '../../src/access/public.decorator.js';
import { IntegerField, StringField } from '../../src/fastapi/validation/field.decorators.js';
import { defineError } from '../../src/platform/http/error-catalogue.js';

const away = defineError({
  code: 'probe.unavailable',
  status: 503,
  detail: 'Not now.',
  about: 'Always.',
  headers: { 'retry-after': '2' },
});

class ProbePath {
  @StringField({ minLength: 1, maxLength: 50 })
  name: string;
}

class ProbeQuery {
  @IntegerField({ minimum: 1, maximum: 100, default: 20 })
  limit: number;

  @StringField({ optional: true })
  search: string | null;
}

/** Routes that read a path and a query, and routes that fail. */
@Public()
@Controller({ path: 'probe', version: '1' })
class ProbeController {
  @Get('failing')
  fail(): never {
    throw new Error('SELECT hashed_password FROM users at /srv/app.ts:1');
  }

  @Get('unavailable')
  beAway(): never {
    throw away();
  }

  @Get('forbidden')
  @UseGuards({ canActivate: () => false })
  refuse(): void {}

  @Get('named/:name')
  read(@Param() { name }: ProbePath, @Query() { limit, search }: ProbeQuery): unknown {
    return { name, limit, search };
  }
}

@Module({ controllers: [ProbeController] })
export class ProbeModule {}
