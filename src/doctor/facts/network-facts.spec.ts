import { gatherPort, gatherRedis } from './network-facts.js';

describe('gatherPort', () => {
  it.each([
    ['127.0.0.1', { state: 'free' }],
    ['0.0.0.0', { state: 'free' }],
    ['203.0.113.9', { state: 'refused', code: 'EADDRNOTAVAIL' }],
  ])('tries to listen on %s', async (host, expected) => {
    expect(await gatherPort(host, 0)).toEqual(expected);
  });

  it('reports a host name without an address', async () => {
    expect(await gatherPort('nowhere.invalid', 0)).toEqual({
      state: 'refused',
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
    });
  });
});

describe('gatherRedis', () => {
  it('does not include user and password', async () => {
    expect(await gatherRedis('rediss://user:secret@[::1]:1/0')).toEqual({
      endpoint: '[::1]:1',
      isTls: true,
      isLocal: true,
      isReachable: false,
    });
  });

  it('is undefined without a valid URL', async () => {
    expect(await gatherRedis(undefined)).toBeUndefined();
    expect(await gatherRedis('no URL')).toBeUndefined();
  });
});
