import { IsOptional, IsTimeZone, Matches } from 'class-validator';
import { Variable } from '../platform/config/variable.decorator.js';

/** The setting for the adoption of the Python service's table. */
export class AdoptionSettings {
  @Variable({
    group: 'Database',
    about:
      'Time zone in which the Python service wrote times without a time zone. Used only when its table is adopted. Required if the time zone of the database is not UTC.',
    expected: 'a name such as UTC or Europe/Berlin',
    example: '',
  })
  @IsOptional()
  @IsTimeZone()
  // Some versions of Node.js accept an offset, but PostgreSQL reads it with the opposite sign.
  @Matches(/^[A-Za-z]/)
  readonly ADOPT_TIMEZONE?: string;
}
