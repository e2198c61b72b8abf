import { describe, expect, test } from 'vitest';
import {
  BadRequest,
  destinationOf,
  parseAuthority,
  type Route,
} from '../../src/proxy/destination.ts';

const plain: Route = { encrypted: false };
const through = (tunnel: string, rest: Partial<Route> = {}): Route => ({
  encrypted: false,
  tunnel,
  ...rest,
});
const of = (target: string, route: Route, ...hosts: string[]) =>
  destinationOf(
    'GET',
    target,
    hosts.map((host) => ['Host', host] as const),
    route,
  );

describe('an absolute target', () => {
  test('decides the destination, whatever Host says', () => {
    expect(of('http://A.example/x?y', plain, 'b.example')).toMatchObject({
      origin: 'http://a.example:80',
      hostname: 'a.example',
      port: 80,
      path: '/x?y',
      url: 'http://a.example/x?y',
      host: 'a.example',
      encrypted: false,
    });
  });

  test('leaves the spelling of Host when both agree', () => {
    expect(of('http://a.example:80/', plain, 'A.Example')?.host).toBe('A.Example');
    expect(of('http://a.example/', plain, 'a.example:80')?.host).toBe('a.example:80');
    expect(of('http://a.example:81/', plain, 'a.example')?.host).toBe('a.example:81');
  });

  test('needs no path', () => {
    expect(of('HTTPS://a.example', plain)).toMatchObject({
      path: '/',
      url: 'https://a.example/',
      port: 443,
    });
    expect(of('http://a.example?q', plain)?.path).toBe('/?q');
    expect(of('http://a.example/#part', plain)?.path).toBe('/');
  });

  test('may be an IPv6 address', () => {
    expect(of('http://[::1]:81/x', plain)).toMatchObject({
      origin: 'http://[::1]:81',
      hostname: '::1',
      url: 'http://[::1]:81/x',
      host: '[::1]:81',
    });
  });

  test('also decides inside a tunnel', () => {
    expect(of('http://a.example/', through('b.example:80'), 'a.example')?.hostname).toBe(
      'a.example',
    );
  });
});

describe('in a tunnel', () => {
  test('the tunnel decides the destination, and Host is unchanged', () => {
    expect(
      of('/x', through('a.example:8443', { encrypted: true, sni: 'a.example' }), 'whatever'),
    ).toMatchObject({
      origin: 'https://a.example:8443',
      url: 'https://a.example:8443/x',
      host: 'whatever',
      servername: 'a.example',
    });
  });

  test('for an address, the recorded name comes from the handshake or Host', () => {
    const address = '192.0.2.1:443';
    const secure = through(address, { encrypted: true, sni: 'a.example' });
    expect(of('/', secure, 'b.example')).toMatchObject({
      origin: 'https://192.0.2.1:443',
      url: 'https://a.example/',
    });
    expect(of('/', through('192.0.2.1:80'), 'a.example')?.url).toBe('http://a.example/');
    expect(of('/', through('192.0.2.1:80'), '<script>')?.url).toBe('http://192.0.2.1/');
    expect(of('/', through('192.0.2.1:80'), '10.0.0.1')?.url).toBe('http://192.0.2.1/');
    expect(of('/', through('192.0.2.1:80'))?.url).toBe('http://192.0.2.1/');
  });

  test('to an address without a name there is no server name', () => {
    const found = of('/', through('192.0.2.1:443', { encrypted: true }), 'h');
    expect(found?.hostname).toBe('192.0.2.1');
    expect(found?.servername).toBeUndefined();
  });
});

test('TLS directly to the port goes to the server name of its handshake', () => {
  const route: Route = { encrypted: true, sni: 'a.example' };
  expect(of('/x', route, 'a.example')).toMatchObject({
    origin: 'https://a.example:443',
    url: 'https://a.example/x',
  });
});

test('an SNI that is not a host name decides nothing', () => {
  const route: Route = { encrypted: true, sni: '' };
  expect(of('/x', route, 'a.example')).toMatchObject({
    origin: 'https://a.example:443',
    servername: 'a.example',
  });
  const tunnelled = of('/x', through('192.0.2.1:443', route), 'b.example');
  expect(tunnelled?.url).toBe('https://192.0.2.1/x');
  expect(tunnelled?.servername).toBeUndefined();
});

test('a path outside a tunnel addresses the proxy itself', () => {
  expect(of('/', plain, 'a.example')).toBeUndefined();
});

test.each(['*', 'a.example:80', '', 'ftp://a/', 'http//a'])('%j is not a destination', (target) => {
  expect(() => of(target, plain, 'a')).toThrow(BadRequest);
});

test('two Host lines are refused', () => {
  expect(() => of('http://a/', plain, 'a', 'a')).toThrow(BadRequest);
});

test.each([
  ['a', 'a', 7],
  ['A.b:1', 'a.b', 1],
  ['a:', 'a', 7],
  ['under_score', 'under_score', 7],
  ['[::1]', '::1', 7],
  ['[fe80::1%25eth0]:9', 'fe80::1%25eth0', 9],
])('%s is a host', (text, hostname, port) => {
  // Zones are not interpreted: they are passed on unchanged.
  if (text.includes('%')) expect(() => parseAuthority(text, 7)).toThrow(BadRequest);
  else expect(parseAuthority(text, 7)).toEqual({ hostname, port });
});

test.each([
  '',
  ':1',
  'a:0',
  'a:65536',
  'a:b',
  '[::1',
  '::1',
  '[1.2.3.4]',
  '[]',
  'a b',
  'a/b',
  'u@a',
  'a%20b',
  'é',
])('%j is not a host', (text) => {
  expect(() => parseAuthority(text, 7)).toThrow(BadRequest);
});

test('an OPTIONS for the whole server asks for *, and is recorded under the root path', () => {
  const options = (target: string, route: Route) =>
    destinationOf('OPTIONS', target, [['Host', 'a.example']], route);
  expect(options('http://a.example', plain)).toMatchObject({ path: '*', url: 'http://a.example/' });
  expect(options('*', through('a.example:80'))).toMatchObject({ path: '*' });
  expect(options('http://a.example/', plain)?.path).toBe('/');
  expect(options('http://a.example?q', plain)?.path).toBe('/?q');
  expect(() => of('*', through('a.example:80'), 'a.example')).toThrow(BadRequest);
});

test('bytes beyond ASCII are passed on unchanged and recorded percent-encoded', () => {
  expect(of('http://a.example/caf\xc3\xa9', plain)).toMatchObject({
    path: '/caf\xc3\xa9',
    url: 'http://a.example/caf%C3%A9',
  });
});
