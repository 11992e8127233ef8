import { readFileSync } from 'node:fs';
import { SERVICE_VERSION } from './service-info.js';

describe('SERVICE_VERSION', () => {
  it('is the version in package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(SERVICE_VERSION).toBe(version);
    expect(SERVICE_VERSION).toMatch(/^\d+\.\d+\.\d+/);
  });
});
