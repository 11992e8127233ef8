import { originOf, welcome } from './welcome.js';

describe('welcome', () => {
  it('shows both pages and commands for the origin', () => {
    const text = welcome('http://localhost:8001', { docs: true });
    expect(text).toContain('Swagger UI  http://localhost:8001/docs\n');
    expect(text).toContain('ReDoc       http://localhost:8001/redoc\n');
    expect(text.match(/curl -s http:\/\/localhost:8001\/api\/v1\//g)).toHaveLength(3);
  });

  it('leaves out the pages if they are not served', () => {
    expect(welcome('http://localhost:8001', { docs: false })).not.toMatch(/docs|redoc/);
  });
});

describe('originOf', () => {
  it.each([
    ['0.0.0.0', 8001, 'http://localhost:8001'],
    ['::', 8001, 'http://localhost:8001'],
    ['127.0.0.1', 80, 'http://localhost'],
    ['192.168.0.5', 8001, 'http://192.168.0.5:8001'],
    ['fd00::1', 8001, 'http://[fd00::1]:8001'],
    ['backend.internal', 8001, 'http://backend.internal:8001'],
  ])('%s and %d is %s', (host, port, origin) => {
    expect(originOf(host, port)).toBe(origin);
  });
});
