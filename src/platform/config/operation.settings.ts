import { IsOptional, MinLength } from 'class-validator';
import { Variable } from './variable.decorator.js';

/** Logs, metrics and backups. */
export class OperationSettings {
  @Variable({
    group: 'Operation',
    about:
      'Folder for access.log (one line a request, then not on stdout) and error.log (warnings and errors, also on stdout). SIGHUP opens them anew.',
    expected: 'the path of a folder that can be written',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly LOG_DIR?: string;

  @Variable({
    group: 'Operation',
    about:
      'Bearer token that may read /metrics and the details of /health; without it only this machine may, directly.',
    expected: 'a random text of at least 16 characters',
    example: '',
    secret: true,
  })
  @IsOptional()
  @MinLength(16)
  readonly METRICS_TOKEN?: string;

  @Variable({
    group: 'Operation',
    about: 'Folder of the backups that deploy/backup.sh writes; the doctor looks for a recent one.',
    expected: 'the path of a folder',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly BACKUP_DIR?: string;
}
