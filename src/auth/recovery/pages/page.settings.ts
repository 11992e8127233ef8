import { IsOptional } from 'class-validator';
import { IsAppUrl } from '../../../platform/config/environment-validators.js';
import { Variable } from '../../../platform/config/variable.decorator.js';

/** Where the pages of links lead. */
export class PageSettings {
  @Variable({
    group: 'E-mail',
    about:
      'Address of your application. The pages of links lead there when they are done; without it they have no link.',
    expected: 'a URL such as https://app.example.com or myapp://signed-in',
    example: '',
  })
  @IsOptional()
  @IsAppUrl()
  readonly APP_URL?: string;
}
