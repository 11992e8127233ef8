import { Controller, Delete, Get, HttpCode, Module, Param, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiSchema, ApiTags } from '@nestjs/swagger';
import { Public } from '../../src/access/public.decorator.js';
import { JsonBody } from '../../src/fastapi/body/body.decorators.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  IntegerField,
  StringField,
} from '../../src/fastapi/validation/field.decorators.js';
import { Deprecated } from '../../src/platform/http/deprecated.decorator.js';

/** Routes with every kind of field, as a later feature would add them. FastAPI's responses to the same were recorded. */

@ApiSchema({ name: 'Widget' })
class WidgetCreate {
  @StringField({ minLength: 2, maxLength: 4, pattern: /^[a-z]+$/ })
  code: string;

  @IntegerField({ minimum: 1, maximum: 10 })
  level: number;

  @BooleanField()
  armed: boolean;

  @StringField({ values: ['lamp', 'fan', 'lock'] })
  kind: string;

  @EmailField({ maxLength: 100, optional: true })
  owner: string | null;

  @StringField({ optional: true })
  note: string | null;

  @IntegerField({ default: 3 })
  size: number;
}

@ApiSchema({ name: 'WidgetOut' })
class WidgetResponse {
  @IntegerField()
  id: number;

  @DateTimeField()
  made_at: string;

  static of(id: number): WidgetResponse {
    return Object.assign(new WidgetResponse(), { id, made_at: '2026-01-04T10:00:00Z' });
  }
}

class WidgetPath {
  @IntegerField({ minimum: 1 })
  widget_id: number;
}

class WidgetQuery {
  @IntegerField({ minimum: 1, maximum: 100, default: 50 })
  limit: number;

  @BooleanField({ optional: true })
  active: boolean | null;

  @StringField({ values: ['id', 'name'], default: 'id' })
  order: string;

  @StringField({ optional: true, maxLength: 5 })
  q: string | null;

  @StringField()
  needed: string;
}

class LimitQuery {
  @IntegerField({ minimum: 1, maximum: 100, default: 50 })
  limit: number;
}

class WordPart {
  @StringField({ maxLength: 5 })
  word: string;

  @IntegerField()
  part_id: number;
}

/** The last arguments of the handlers: validated, coerced, with defaults. */
export const given: { path?: object; query?: object; body?: object } = {};

@ApiTags('widgets')
@Controller({ path: 'widgets', version: '1' })
class WidgetsController {
  @Get(':widget_id')
  @ApiOperation({ description: 'Read one widget.' })
  @ApiOkResponse({ type: WidgetResponse })
  readWidget(@Param() path: WidgetPath, @Query() query: WidgetQuery): WidgetResponse {
    Object.assign(given, { path, query });
    return WidgetResponse.of(path.widget_id);
  }

  @Put(':widget_id')
  @Public()
  @ApiOkResponse({ type: WidgetResponse })
  replaceWidget(
    @Param() path: WidgetPath,
    @JsonBody() _body: WidgetCreate,
    @Query() _query: LimitQuery,
  ): WidgetResponse {
    return WidgetResponse.of(path.widget_id);
  }

  @Delete(':widget_id')
  @Public()
  @HttpCode(204)
  @Deprecated({ since: new Date('2026-01-04T00:00:00Z') })
  @ApiNoContentResponse()
  deleteWidget(@Param() _path: WidgetPath): void {
    return undefined;
  }

  @Get()
  @Public()
  @ApiOkResponse({ type: [WidgetResponse] })
  listWidgets(): WidgetResponse[] {
    return [];
  }

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOkResponse({ type: WidgetResponse })
  createWidget(@JsonBody() body: WidgetCreate): WidgetResponse {
    Object.assign(given, { body });
    return WidgetResponse.of(1);
  }
}

@ApiTags('widgets')
@Public()
@Controller({ path: 'words', version: '1' })
class WordsController {
  @Get(':word/parts/:part_id')
  @ApiOkResponse({ type: WordPart })
  word(@Param() path: WordPart): WordPart {
    return path;
  }
}

@Module({ controllers: [WidgetsController, WordsController] })
export class WidgetsModule {}
