import { AppError } from '../platform/http/app-error.js';

/** Codes of this feature: users.username_taken, users.email_taken. */
export const usernameTaken = () => new AppError('users.username_taken', 400, 'Username already registered');
export const emailTaken = () => new AppError('users.email_taken', 400, 'Email already registered');
