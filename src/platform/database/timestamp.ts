/**
 * A moment with PostgreSQL's microseconds, which `Date` alone would lose. Every `timestamptz` column is read as one, and
 * as JSON it is what FastAPI sends: RFC 3339 in UTC with `Z`, no fraction when it is zero, six digits otherwise.
 */
export class Timestamp extends Date {
  private constructor(
    milliseconds: number,
    private readonly microseconds: number,
  ) {
    super(milliseconds);
  }

  /** @param text as PostgreSQL writes it with DateStyle ISO: `2026-01-04 10:00:00.123456+00` */
  static fromPostgres(text: string): Timestamp {
    const [, whole = '', fraction = '', zone = ''] = /^([^.+]*?)(?:\.(\d+))?([+-][\d:]+)$/.exec(text) ?? [];
    const microseconds = Number(fraction.padEnd(6, '0').slice(0, 6));
    const seconds = Date.parse(`${whole.replace(' ', 'T')}${zone.length === 3 ? `${zone}:00` : zone}`);
    return new Timestamp(seconds + Math.floor(microseconds / 1000), microseconds);
  }

  override toJSON(): string {
    // `infinity` is a value of PostgreSQL's, and none of JSON's: null, as any Date without a time.
    if (Number.isNaN(this.getTime())) return super.toJSON();
    const fraction = this.microseconds === 0 ? '' : `.${String(this.microseconds).padStart(6, '0')}`;
    return `${this.toISOString().slice(0, -5)}${fraction}Z`;
  }
}
