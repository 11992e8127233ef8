import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'access:public';

/** The handler, or every handler of the controller, needs no token. Every other handler requires authentication. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
