import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'access:public';

/** The handler, or every handler of the controller, answers without a token. The only way out of authentication. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
