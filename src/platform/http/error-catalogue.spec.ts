/** @own-sources because it declares errors, permissions or limits */
import { AppError } from './app-error.js';
import { defineError, errorCatalogue } from './error-catalogue.js';

const gone = defineError({ code: 'users.gone_for_good', status: 410, detail: 'Gone', about: 'Never.' });

describe('defineError', () => {
  it('returns a factory with the properties of the definition', () => {
    expect({ ...gone }).toMatchObject({
      code: 'users.gone_for_good',
      status: 410,
      detail: 'Gone',
      about: 'Never.',
      headers: {},
    });
    expect(gone()).toBeInstanceOf(AppError);
    expect(gone({ headers: { 'x-a': 'b' } })).toMatchObject({ code: 'users.gone_for_good', headers: { 'x-a': 'b' } });
    expect(gone().stack).toContain('error-catalogue.spec');
  });

  it('derives the title from the reason unless one is set', () => {
    expect(gone.title).toBe('Gone for good');
    const titled = defineError({
      code: 'users.lost',
      title: 'Lost user',
      status: 410,
      detail: 'Lost',
      about: 'Never.',
    });
    expect([titled.title, titled().definition.title]).toEqual(['Lost user', 'Lost user']);
  });

  it('refuses a code that is already declared', () => {
    const again = { code: 'users.gone_for_good', status: 404, detail: 'x', about: 'x' };
    expect(() => defineError(again)).toThrow(new RangeError('the error users.gone_for_good is declared twice'));
  });

  it.each(['users', 'users.', '.gone', 'Users.gone', 'users.gone.twice', 'users.go-ne', 'http.404', ''])(
    'refuses the code %j',
    (code) => {
      expect(() => defineError({ code, status: 400, detail: 'x', about: 'x' })).toThrow(RangeError);
    },
  );

  it('lists all errors, sorted by code', () => {
    const codes = errorCatalogue().map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['users.gone_for_good', 'users.lost']));
    expect(codes).toEqual(codes.toSorted());
  });
});
