import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiOkResponse, ApiSchema } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Page } from '../../platform/pagination/page.js';
import { IntegerField, ListField, StringField } from '../validation/field.decorators.js';
import { schemaNameOf } from '../validation/model.js';

/** A page on the wire. */
interface PageBody {
  items: readonly unknown[];
  next_cursor: string | null;
  total?: number;
}

const LONGEST_LINK = 1000;

const LINK = {
  description:
    'The next page (RFC 8288): `<?cursor=…&limit=20>; rel="next"`, relative to this one; absent on the last, and after a query that is too long to be repeated.',
  schema: { type: 'string' as const },
};

/**
 * The handler returns a `Page` of the item's model, and answers `{"items", "next_cursor"}`, `total` where it was asked
 * for, and a `Link` header.
 */
export function PageResponse(item: object): MethodDecorator {
  return applyDecorators(
    ApiOkResponse({ type: pageModelOf(item), headers: { Link: LINK } }),
    UseInterceptors(PageInterceptor),
  );
}

/** The model of a page, named as pydantic names `Page[Item]`. */
function pageModelOf(item: object): new () => object {
  class PageResponse {
    @ListField(item)
    items: readonly object[];

    @StringField({ optional: true, example: 'WyJzZXNzaW9ucyIsIjIwMjYtMDEtMDRUMTA6MDA6MDBaIiwiNyJd' })
    next_cursor: string | null;

    @IntegerField({ optional: true, description: 'Items of the whole list; absent unless asked for.', example: 41 })
    total: number | null;
  }
  ApiSchema({ name: `Page_${schemaNameOf(item)}_` })(PageResponse);
  // Nest tells models apart by the name of their class.
  Object.defineProperty(PageResponse, 'name', { value: `PageOf${schemaNameOf(item)}` });
  return PageResponse;
}

class PageInterceptor implements NestInterceptor<Page<unknown>, PageBody> {
  intercept(context: ExecutionContext, next: CallHandler<Page<unknown>>): Observable<PageBody> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map(({ items, nextCursor, total }) => {
        if (nextCursor !== null) {
          const link = nextLink(http.getRequest<FastifyRequest>(), nextCursor);
          // A proxy answers 502 to a header beyond its buffer (nginx: 4 KB for all); the body has the cursor anyway.
          if (link.length <= LONGEST_LINK) http.getResponse<FastifyReply>().header('link', link);
        }
        return { items, next_cursor: nextCursor, ...(total === undefined ? {} : { total }) };
      }),
    );
  }
}

/**
 * Relative to the request's own address: what a client, or a proxy, says of host and path is never repeated. What else was
 * asked stays, but for the place.
 */
function nextLink({ raw }: FastifyRequest, cursor: string): string {
  const query = new URLSearchParams((raw.url ?? '').split('?')[1]);
  query.delete('skip');
  query.set('cursor', cursor);
  return `<?${query.toString()}>; rel="next"`;
}
