import fc from 'fast-check';
import { Timestamp } from './timestamp.js';

const json = (text: string) => Timestamp.fromPostgres(text).toJSON();

const two = (value: number) => String(value).padStart(2, '0');

/** PostgreSQL's output of a time in a time zone, with DateStyle ISO. */
function asPostgres(milliseconds: number, microseconds: number, zoneSeconds: number): string {
  const local = new Date(milliseconds + zoneSeconds * 1000);
  const year = local.getUTCFullYear();
  const date = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0').replace(/0+$/, '')}`;
  const size = Math.abs(zoneSeconds);
  const [minutes, seconds] = [Math.floor(size / 60) % 60, size % 60];
  const zone = `${zoneSeconds < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}${
    seconds > 0 ? `:${two(minutes)}:${two(seconds)}` : minutes > 0 ? `:${two(minutes)}` : ''
  }`;
  return `${date} ${time}${fraction}${zone}${year > 0 ? '' : ' BC'}`;
}

describe('Timestamp', () => {
  it.each([
    ['2026-01-04 10:00:00+00', '2026-01-04T10:00:00Z'],
    ['2026-01-04 10:00:00.123456+00', '2026-01-04T10:00:00.123456Z'],
    ['2026-01-04 10:00:00.1+00', '2026-01-04T10:00:00.100000Z'],
    ['2026-01-04 10:00:00.000001+00', '2026-01-04T10:00:00.000001Z'],
    ['2026-01-04 10:00:00.999999+00', '2026-01-04T10:00:00.999999Z'],
    ['1969-12-31 23:59:59.999999+00', '1969-12-31T23:59:59.999999Z'],
    ['2026-01-04 12:00:00+02', '2026-01-04T10:00:00Z'],
    ['2026-01-04 15:30:00.5+05:30', '2026-01-04T10:00:00.500000Z'],
    ['2026-01-04 06:30:00-03:30', '2026-01-04T10:00:00Z'],
    ['2026-01-01 00:30:00+01', '2025-12-31T23:30:00Z'],
    ['1900-01-01 00:19:32+00:19:32', '1900-01-01T00:00:00Z'],
    ['1880-01-01 00:00:00-00:00:36', '1880-01-01T00:00:36Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00Z'],
    ['0099-12-31 23:59:59+00', '0099-12-31T23:59:59Z'],
    ['2024-02-29 00:00:00+00', '2024-02-29T00:00:00Z'],
    ['9999-12-31 23:59:59.999999+00', '9999-12-31T23:59:59.999999Z'],
    ['10000-01-01 00:00:00+00', '+010000-01-01T00:00:00Z'],
    ['0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00Z'],
    ['275760-09-13 00:00:00+00', '+275760-09-13T00:00:00Z'],
  ])('writes %s as %s', (text, expected) => {
    expect(json(text)).toBe(expected);
  });

  it.each(['infinity', '-infinity', '294276-12-31 23:59:59+00', '', 'now', '2026-01-04 10:00:00'])(
    'has no time for %j, and is null as JSON',
    (text) => {
      expect(Timestamp.fromPostgres(text).getTime()).toBeNaN();
      expect(JSON.stringify({ at: Timestamp.fromPostgres(text) })).toBe('{"at":null}');
    },
  );

  it('is a Date, rounded down to milliseconds', () => {
    const timestamp = Timestamp.fromPostgres('2026-01-04 10:00:00.123999+00');
    expect(timestamp).toBeInstanceOf(Date);
    expect(timestamp.getTime()).toBe(Date.UTC(2026, 0, 4, 10, 0, 0, 123));
  });

  it('keeps the time and the microseconds of every PostgreSQL output, in every zone and year', () => {
    // From 4713 BC, PostgreSQL's minimum, to 275760, JavaScript's maximum; half of them in the present.
    const second = fc.oneof(
      fc.integer({ min: -210_866_803_200, max: 8_639_999_900_000 }),
      fc.integer({ min: -3_000_000_000, max: 5_000_000_000 }),
    );
    const zone = fc.oneof(
      fc.integer({ min: -14, max: 14 }).map((hours) => hours * 3600),
      fc.integer({ min: -57_599, max: 57_599 }),
    );
    fc.assert(
      fc.property(second, fc.integer({ min: 0, max: 999_999 }), zone, (seconds, microseconds, zoneSeconds) => {
        const timestamp = Timestamp.fromPostgres(asPostgres(seconds * 1000, microseconds, zoneSeconds));
        expect(timestamp.getTime()).toBe(seconds * 1000 + Math.floor(microseconds / 1000));
        const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
        expect(timestamp.toJSON()).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', `${fraction}Z`));
      }),
    );
  });
});
