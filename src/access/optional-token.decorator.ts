import { SetMetadata } from '@nestjs/common';

export const TAKES_TOKEN = 'access:takes-token';

/**
 * The handler takes a token but decides itself what to do without a good one: its principal is then null, and who sends
 * nothing else that proves something is its to refuse.
 */
export const OptionalToken = () => SetMetadata(TAKES_TOKEN, true);
