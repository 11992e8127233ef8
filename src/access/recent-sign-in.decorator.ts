import { SetMetadata } from '@nestjs/common';

export const NEEDS_RECENT_SIGN_IN = 'access:recent-sign-in';

/** The handler requires a sign-in or a reauthentication within RECENT_SIGN_IN_MINUTES. Otherwise it answers 403. */
export const RecentSignIn = () => SetMetadata(NEEDS_RECENT_SIGN_IN, true);
