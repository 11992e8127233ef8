import { IsOptional } from 'class-validator';
import { IsAppUrl } from '../../../platform/config/environment-validators.js';
import { Variable } from '../../../platform/config/variable.decorator.js';

/** Settings of the account pages. */
export class PageSettings {
  @Variable({
    group: 'E-mail',
    about: 'URL of your application. The pages that the links in messages open have a link to it.',
    expected: 'a URL such as https://app.example.com or myapp://signed-in',
    example: '',
  })
  @IsOptional()
  @IsAppUrl()
  readonly APP_URL?: string;
}
