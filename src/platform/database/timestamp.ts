/** PostgreSQL's ISO format. Offsets from before standard time have seconds: `+00:19:32`. */
const ISO = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

function seconds(hour: unknown, minute: unknown, second: unknown): number {
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

/**
 * A point in time with PostgreSQL's microseconds, which `Date` would lose. Every `timestamptz` column is read as one.
 * Its JSON has FastAPI's format: RFC 3339 in UTC with `Z`, without a fraction if it is zero, otherwise with six digits.
 */
export class Timestamp extends Date {
  private constructor(
    milliseconds: number,
    private readonly microseconds: number,
  ) {
    super(milliseconds);
  }

  /**
   * @param text PostgreSQL's output with DateStyle ISO, in any time zone: `2026-01-04 10:00:00.123456+00`. `infinity`
   * and times outside of JavaScript's range (271822 BC to 275760) become an invalid Date.
   */
  static fromPostgres(text: string): Timestamp {
    const parts = ISO.exec(text);
    if (!parts) return new Timestamp(Number.NaN, 0);
    const [
      ,
      year,
      month,
      day,
      hour,
      minute,
      second,
      fraction = '',
      sign,
      zoneHour,
      zoneMinute = 0,
      zoneSecond = 0,
      bc,
    ] = parts;
    // `Date.UTC` would read the year 44 as 1944. The year before 1 is 1 BC.
    const midnight = new Date(0).setUTCFullYear(bc ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
    const offset = seconds(zoneHour, zoneMinute, zoneSecond) * (sign === '-' ? -1 : 1);
    const microseconds = Number(fraction.padEnd(6, '0'));
    const time = seconds(hour, minute, second) - offset;
    return new Timestamp(midnight + time * 1000 + Math.floor(microseconds / 1000), microseconds);
  }

  override toJSON(): string {
    // JSON has no `infinity`: null, as for any invalid Date.
    if (Number.isNaN(this.getTime())) return super.toJSON();
    const fraction = this.microseconds === 0 ? '' : `.${String(this.microseconds).padStart(6, '0')}`;
    return `${this.toISOString().slice(0, -5)}${fraction}Z`;
  }
}
