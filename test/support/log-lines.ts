/** The fields of a log line that tests read. */
export interface LogLine {
  level: number;
  time: string;
  msg?: string;
  request_id?: string;
  method?: string | null;
  route?: string | null;
  status?: number;
  duration_ms?: number | null;
  user_id?: number | null;
  client?: string | null;
  aborted?: boolean;
  reason?: string;
  context?: string;
  sql?: string;
  rows?: number;
  code?: string;
}

/** @throws for a line that is not JSON */
export function parseLines(lines: readonly string[]): LogLine[] {
  return lines.map((line) => JSON.parse(line) as LogLine);
}

export function accessLines(lines: readonly string[]): LogLine[] {
  return parseLines(lines).filter(({ msg }) => msg === 'request');
}
