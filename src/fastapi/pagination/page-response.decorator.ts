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

/** The JSON body of a page. */
interface PageBody {
  items: readonly unknown[];
  next_cursor: string | null;
  total?: number;
}

const MAX_LINK_LENGTH = 1000;

const LINK = {
  description:
    'The next page (RFC 8288): `<?cursor=…&limit=20>; rel="next"`, relative to this page. Absent on the last page, or if the query is too long to repeat.',
  schema: { type: 'string' as const },
};

/**
 * The handler returns a `Page` of the item's model. The response is `{"items", "next_cursor"}`, with `total` if it was
 * requested, and a `Link` header.
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

    @IntegerField({
      optional: true,
      description: 'Number of items in the whole list. Absent unless requested.',
      example: 41,
    })
    total: number | null;
  }
  ApiSchema({ name: `Page_${schemaNameOf(item)}_` })(PageResponse);
  // Nest distinguishes models by the name of their class.
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
          // A proxy answers 502 if the headers exceed its buffer (nginx: 4 KB). The body has the cursor in any case.
          if (link.length <= MAX_LINK_LENGTH) http.getResponse<FastifyReply>().header('link', link);
        }
        return { items, next_cursor: nextCursor, ...(total === undefined ? {} : { total }) };
      }),
    );
  }
}

/**
 * A link relative to the address of the request, so that host and path from a client or proxy are never repeated. It
 * keeps the other parameters of the query.
 */
function nextLink({ raw }: FastifyRequest, cursor: string): string {
  const query = new URLSearchParams((raw.url ?? '').split('?')[1]);
  query.delete('skip');
  query.set('cursor', cursor);
  return `<?${query.toString()}>; rel="next"`;
}
