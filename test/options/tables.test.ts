import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { proxyOptions, readProxyOptions } from '../../src/options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../../src/options/recorded.ts';
import { readWrittenOptions, writtenOptions } from '../../src/options/written.ts';
import { given } from './parse.ts';

const formats = ['postman'] as const;
const proxy = (...args: string[]) => readProxyOptions(given(proxyOptions, ...args));
const recorded = (...args: string[]) => readRecordedOptions(given(recordedOptions, ...args));
const written = (...args: string[]) =>
  readWrittenOptions(formats, given(writtenOptions(formats), ...args));

test('the defaults of a proxy command are these', () => {
  expect(proxy()).toEqual({
    port: undefined,
    bind: '127.0.0.1',
    browser: undefined,
    browserArg: [],
    isolate: false,
    upstream: undefined,
    insecure: [],
    trust: [],
    clientCert: [],
    passthrough: [],
    target: [],
    proxyAuth: undefined,
    ca: undefined,
    caKey: undefined,
    openProxy: false,
    linger: false,
    timeout: 120_000,
    grace: 5_000,
    readyFile: undefined,
    logLevel: 'info',
    logFormat: undefined,
    quiet: false,
  });
});

test('the defaults of what is recorded are these', () => {
  expect(recorded()).toEqual({
    url: [],
    notUrl: [],
    host: [],
    methods: [],
    status: [],
    type: [],
    static: true,
    maxBody: 10 * 1024 * 1024,
    responses: true,
    restrictedHeaders: false,
    secrets: 'redact',
    redact: [],
  });
});

test('the defaults of what is written are these', () => {
  expect(written()).toEqual({
    output: [],
    format: undefined,
    name: undefined,
    path: '.',
    dedupe: undefined,
    group: 'auto',
    shape: 'requests',
    template: [],
    tests: false,
    append: false,
    noise: true,
    variables: true,
    min: 0,
  });
});

test('--no-upstream differs from no --upstream', () => {
  expect(proxy('--no-upstream').upstream).toBe(false);
  expect(String(proxy('--upstream', 'socks5://localhost:1080').upstream)).toMatch(/^socks5:/);
});

test('--insecure without a host means every host', () => {
  const [all] = proxy('--insecure').insecure;
  expect(all?.('example.com', 443)).toBe(true);
  const [one] = proxy('--insecure', 'localhost').insecure;
  expect(one?.('example.com', 443)).toBe(false);
});

test('--restricted-headers without a value means true', () => {
  expect(recorded('--restricted-headers').restrictedHeaders).toBe(true);
  expect(recorded('--restricted-headers', 'false').restrictedHeaders).toBe(false);
});

test('--quiet is the log level error', () => {
  expect(proxy('-q')).toMatchObject({ quiet: true, logLevel: 'error' });
});

describe('a contradiction is wrong usage, in one line:', () => {
  test.each([
    ['--upstream and --no-upstream', () => proxy('--upstream', 'http://p', '--no-upstream')],
    ['--no-upstream and --upstream', () => proxy('--no-upstream', '--upstream', 'http://p')],
    ['--quiet and --log-level', () => proxy('--quiet', '--log-level', 'debug')],
    ['--no-static and --type', () => recorded('--no-static', '--type', 'json,image')],
    ['--secrets keep and --redact', () => recorded('--secrets', 'keep', '--redact', 'x-id')],
    ['--path and --output', () => written('--path', 'out', '-o', 'a.json')],
  ])('%s', (_, read) => {
    const error = thrownBy(read);
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/contradict/);
    expect(error.message).not.toContain('\n');
  });
});

describe('a bad value is wrong usage, in one line with the value and what to write instead:', () => {
  test.each([
    ['--port', 'abc', 'a port is a whole number from 0 to 65535', () => proxy('-p', 'abc')],
    ['--port', '65536', '0 to 65535', () => proxy('--port', '65536')],
    ['--bind', 'http://x', 'write an address', () => proxy('--bind', 'http://x')],
    ['--upstream', 'proxy:1', 'http://host:port', () => proxy('--upstream', 'proxy:1')],
    ['--insecure', 'a/b', 'write a host', () => proxy('--insecure', 'a/b')],
    ['--trust', '', 'a file name is missing', () => proxy('--trust', '')],
    ['--client-cert', 'a=b', 'host=cert.pem,key.pem', () => proxy('--client-cert', 'a=b')],
    ['--passthrough', 'http://a', 'write a host', () => proxy('--passthrough', 'http://a')],
    ['--timeout', '12', '120s', () => proxy('--timeout', '12')],
    ['--timeout', '0s', 'more than 0', () => proxy('--timeout', '0s')],
    ['--grace', 'soon', '500ms', () => proxy('--grace', 'soon')],
    ['--log-level', 'loud', 'trace, debug', () => proxy('--log-level', 'loud')],
    ['--log-format', 'xml', 'pretty or json', () => proxy('--log-format', 'xml')],
    ['--url', '/(/', 'Unterminated group', () => recorded('--url', '/(/')],
    ['--not-url', '[a', 'Missing closing', () => recorded('--not-url', '[a')],
    ['--host', 'a b', 'write a host', () => recorded('--host', 'a b')],
    ['--methods', 'G T', 'GET,POST', () => recorded('--methods', 'G T')],
    ['--status', '99', '2xx', () => recorded('--status', '99')],
    ['--type', 'pictures', 'json, xml', () => recorded('--type', 'pictures')],
    ['--max-body', '10 mb', '10mb', () => recorded('--max-body', '10 mb')],
    ['--restricted-headers', 'x', 'true', () => recorded('--restricted-headers', 'x')],
    ['--secrets', 'drop', 'redact, env or keep', () => recorded('--secrets', 'drop')],
    ['--redact', '', 'a name is missing', () => recorded('--redact', '')],
    ['--redact', ' ', 'write the name of', () => recorded('--redact', ' ')],
    ['--redact', '...', 'write the name of', () => recorded('--redact', '...')],
    ['--output', '', 'a file name is missing', () => written('-o', '')],
    ['--format', 'pdf', 'write postman', () => written('-f', 'pdf')],
    ['--min', '-1', '0 or more', () => written('--min=-1')],
  ])('%s %j', (option, value, right, read) => {
    const error = thrownBy(read);
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(`${option} ${JSON.stringify(value)}: `);
    expect(error.message).toContain(right);
    expect(error.message).not.toContain('\n');
  });
});

function thrownBy(read: () => unknown): UserError {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
