import { AppError } from '../platform/http/app-error.js';

/** Codes of this feature: auth.invalid_credentials, auth.inactive_user. */
export const invalidCredentials = () => new AppError('auth.invalid_credentials', 401, 'Incorrect username or password');
export const inactiveUser = () => new AppError('auth.inactive_user', 400, 'Inactive user');
