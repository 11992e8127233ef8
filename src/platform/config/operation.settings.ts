import { IsOptional, MinLength } from 'class-validator';
import { Variable } from './variable.decorator.js';

/** Settings of logs, metrics and backups. */
export class OperationSettings {
  @Variable({
    group: 'Operation',
    about:
      'Folder for access.log (requests, which are then not written to stdout) and error.log (warnings and errors, which are also written to stdout). SIGHUP re-opens both files.',
    expected: 'the path of a writable folder',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly LOG_DIR?: string;

  @Variable({
    group: 'Operation',
    about:
      'Bearer token for /metrics and the details of /health. Without it, only direct requests from the machine itself can read them.',
    expected: 'a random string of at least 16 characters',
    example: '',
    secret: true,
  })
  @IsOptional()
  @MinLength(16)
  readonly METRICS_TOKEN?: string;

  @Variable({
    group: 'Operation',
    about: 'Folder for the backups of deploy/backup.sh. The doctor checks that there is a recent one.',
    expected: 'the path of a folder',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly BACKUP_DIR?: string;
}
