import { SetMetadata } from '@nestjs/common';

export const ACCEPTS_TOKEN = 'access:takes-token';

/**
 * The handler accepts a token but also runs without a valid one. Its principal is then null, and it must check another
 * proof or refuse the request.
 */
export const OptionalToken = () => SetMetadata(ACCEPTS_TOKEN, true);
