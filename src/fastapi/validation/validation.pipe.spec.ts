import { IntegerField } from './field.decorators.js';
import { ValidationPipe } from './validation.pipe.js';

class Page {
  @IntegerField()
  limit: number;
}

describe('ValidationPipe', () => {
  const pipe = new ValidationPipe();

  it('reads body, query and path as the class of the parameter', () => {
    const body = { kind: 'json', value: { limit: 1 }, text: '{"limit":1}' };
    expect(pipe.transform(body, { type: 'body', metatype: Page })).toEqual({ limit: 1 });
    expect(pipe.transform({ limit: '2' }, { type: 'query', metatype: Page })).toEqual({ limit: 2 });
    expect(pipe.transform({ limit: '3' }, { type: 'param', metatype: Page })).toEqual({ limit: 3 });
  });

  it.each([
    ['query', 'query'],
    ['param', 'path'],
  ] as const)('locates an invalid %s in the %s', (type, location) => {
    const read = () => pipe.transform({ limit: 'x' }, { type, metatype: Page });
    expect(read).toThrow(expect.objectContaining({ entries: [expect.objectContaining({ loc: [location, 'limit'] })] }));
  });

  it('passes through values without fields, of custom decorators and already validated', () => {
    const read = Object.assign(new Page(), { limit: 5 });
    expect(pipe.transform(read, { type: 'body', metatype: Page })).toBe(read);
    expect(pipe.transform('x', { type: 'query', metatype: String })).toBe('x');
    expect(pipe.transform('x', { type: 'query', metatype: undefined })).toBe('x');
    expect(pipe.transform('x', { type: 'custom', metatype: Page })).toBe('x');
  });
});
