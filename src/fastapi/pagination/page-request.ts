import { Injectable, type PipeTransform, Query } from '@nestjs/common';
import { type CursorList, decodeCursor, type Position } from '../../platform/pagination/cursor.js';
import type { PageOrder } from '../../platform/pagination/page.js';
import { entry, type PydanticError, RequestValidationError } from '../errors/validation-error.js';
import { BooleanField, IntegerField, StringField } from '../validation/field.decorators.js';

/** Further on a database reads and throws away as many rows for each page: a cursor leads there at no cost. */
const FURTHEST_SKIP = 10_000;
const LONGEST_CURSOR = 200;

/** The query of every list: `?limit=20&cursor=…`, or `?skip=40&limit=20` as FastAPI's users know it. */
export class PageRequest implements PageOrder {
  @IntegerField({ minimum: 1, maximum: 100, default: 20, description: 'Most items of the page.' })
  limit: number;

  @StringField({
    optional: true,
    maxLength: LONGEST_CURSOR,
    description: '`next_cursor` of the page before: this one begins after it, whatever was added or deleted meanwhile.',
  })
  cursor: string | null;

  @IntegerField({
    minimum: 0,
    maximum: FURTHEST_SKIP,
    default: 0,
    description: 'Items to pass over from the beginning; not together with a cursor.',
  })
  skip: number;

  @BooleanField({ default: false, description: 'Whether to count the whole list.' })
  include_total: boolean;

  /** Set by `PageQuery`. */
  list = '';
  after: Position | null = null;

  get includeTotal(): boolean {
    return this.include_total;
  }
}

/**
 * The page that the query asks for, as a parameter of type `PageRequest`, checked: limits and cursor are safe to give to
 * `applyKeyset`. A cursor that was not handed out for this list is a 422.
 */
export function PageQuery(list: CursorList): ParameterDecorator {
  return Query(new CursorPipe(list));
}

const NO_CURSOR: PydanticError = {
  type: 'value_error',
  msg: 'Value error, this is no cursor of this list',
  ctx: { error: {} },
};
const EITHER: PydanticError = {
  type: 'value_error',
  msg: 'Value error, skip counts from the beginning: it cannot be given with a cursor',
  ctx: { error: {} },
};

/** Runs after the global pipe, which has read the query as a `PageRequest`. */
@Injectable()
class CursorPipe implements PipeTransform<PageRequest, PageRequest> {
  constructor(private readonly list: CursorList) {}

  transform(page: PageRequest): PageRequest {
    page.list = this.list.list;
    if (page.cursor === null) return page;
    if (page.skip > 0) throw new RequestValidationError([entry(['query', 'skip'], String(page.skip), EITHER)]);
    page.after = decodeCursor(this.list, page.cursor);
    if (page.after) return page;
    throw new RequestValidationError([entry(['query', 'cursor'], page.cursor, NO_CURSOR)]);
  }
}
