import { Injectable, type PipeTransform, Query } from '@nestjs/common';
import { type CursorList, decodeCursor, type Position } from '../../platform/pagination/cursor.js';
import type { PageOrder } from '../../platform/pagination/page.js';
import { entry, type PydanticError, RequestValidationError } from '../errors/validation-error.js';
import { BooleanField, IntegerField, StringField } from '../validation/field.decorators.js';

/** For a larger offset, the database would read and discard too many rows per page. A cursor has no such cost. */
const MAX_SKIP = 10_000;
const MAX_CURSOR_LENGTH = 200;

/** The query of every list: `?limit=20&cursor=…`, or `?skip=40&limit=20` as FastAPI's clients use it. */
export class PageRequest implements PageOrder {
  @IntegerField({ minimum: 1, maximum: 100, default: 20, description: 'Maximum number of items on the page.' })
  limit: number;

  @StringField({
    optional: true,
    maxLength: MAX_CURSOR_LENGTH,
    description:
      '`next_cursor` of the previous page. This page continues after it, even if items were added or deleted meanwhile.',
  })
  cursor: string | null;

  @IntegerField({
    minimum: 0,
    maximum: MAX_SKIP,
    default: 0,
    description: 'Number of items to skip from the beginning. Cannot be combined with a cursor.',
  })
  skip: number;

  @BooleanField({ default: false, description: 'Whether to include `total`, the number of items in the whole list.' })
  include_total: boolean;

  /** Set by `PageQuery`. */
  list = '';
  after: Position | null = null;

  get includeTotal(): boolean {
    return this.include_total;
  }
}

/**
 * A parameter of type `PageRequest` with the page that the query requests. Its limit and cursor are validated and safe
 * to pass to `applyKeyset`. A cursor that was not issued for this list is a 422.
 */
export function PageQuery(list: CursorList): ParameterDecorator {
  return Query(new CursorPipe(list));
}

const INVALID_CURSOR: PydanticError = {
  type: 'value_error',
  msg: 'Value error, invalid cursor for this list',
  ctx: { error: {} },
};
const SKIP_WITH_CURSOR: PydanticError = {
  type: 'value_error',
  msg: 'Value error, skip and cursor cannot be combined',
  ctx: { error: {} },
};

/** Runs after the global pipe, which has turned the query into a `PageRequest`. */
@Injectable()
class CursorPipe implements PipeTransform<PageRequest, PageRequest> {
  constructor(private readonly list: CursorList) {}

  transform(page: PageRequest): PageRequest {
    page.list = this.list.list;
    if (page.cursor === null) return page;
    if (page.skip > 0)
      throw new RequestValidationError([entry(['query', 'skip'], String(page.skip), SKIP_WITH_CURSOR)]);
    page.after = decodeCursor(this.list, page.cursor);
    if (page.after) return page;
    throw new RequestValidationError([entry(['query', 'cursor'], page.cursor, INVALID_CURSOR)]);
  }
}
