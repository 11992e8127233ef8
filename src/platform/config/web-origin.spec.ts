import { isWebOrigin, wildcardIn } from './web-origin.js';

describe('isWebOrigin', () => {
  it.each([
    'http://localhost:3000',
    'http://192.168.0.112:3000',
    'https://app.example.com',
    'http://[::1]:3000',
    'https://xn--mller-kva.example',
    // Applications in a web view, and extensions of browsers.
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'http://tauri.localhost',
    'app://x',
    'app://.',
    'app://my_app:8080',
    'chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    'safari-web-extension://E5A9B1F6-62C7-7E4F-90E5-472B45EECFDC',
    'x+y.z-1://h',
  ])('accepts %s', (text) => expect(isWebOrigin(text)).toBe(true));

  it.each([
    ['an empty string', ''],
    ['every origin', '*'],
    ['a wildcard in the host', 'https://*.example.com'],
    ['a wildcard as the host', 'https://*'],
    ['a wildcard as the port', 'http://localhost:*'],
    ['a wildcard as the scheme', '*://localhost'],
    ['the origin of sandboxed frames', 'null'],
    ['no scheme', 'app.example.com'],
    ['a scheme alone', 'capacitor://'],
    ['a file', 'file:///index.html'],
    ['no slashes', 'capacitor:localhost'],
    ['a trailing slash', 'capacitor://localhost/'],
    ['a path', 'https://app.example.com/app'],
    ['a query', 'https://app.example.com?x'],
    ['a fragment', 'app://x#y'],
    ['a user', 'https://john@app.example.com'],
    ['a backslash', 'app://x\\y'],
    ['an escape', 'app://x%20y'],
    ['capitals in the scheme', 'Capacitor://localhost'],
    ['capitals in a host name', 'https://App.example.com'],
    ['the default port, which no browser sends', 'https://app.example.com:443'],
    ['a port that is too large', 'http://localhost:65536'],
    ['a port that is too large, of another scheme', 'app://x:65536'],
    ['no port after the colon', 'app://x:'],
    ['non-ASCII characters', 'https://müller.example'],
    ['a leading space', ' app://x'],
    ['a line break', 'app://x\n'],
    ['two origins', 'app://x,app://y'],
    ['a script', 'javascript:alert(1)'],
  ])('refuses %s: %s', (_what, text) => expect(isWebOrigin(text)).toBe(false));
});

describe('wildcardIn', () => {
  it.each([
    [['https://*.example.com'], 'https://*.example.com'],
    [['*', 'http://localhost:*'], 'http://localhost:*'],
    [['*'], undefined],
    [['https://app.example.com/'], undefined],
    [Number.NaN, undefined],
  ])('%j: %s', (value, expected) => expect(wildcardIn(value)).toBe(expected));
});
