import { expect, test } from 'vitest';
import { childEnvironment, ecosystems, proxyVariables } from '../../src/launch/environment.ts';
import { nodeOption } from '../../src/launch/node.ts';
import { CA_VARIABLES } from '../../src/launch/variables.ts';

const access = {
  proxyUrl: 'http://127.0.0.1:8081',
  caFile: '/files/ca.pem',
  bundleFile: '/files/ca-bundle.pem',
  folder: '/files',
  preloadFolder: '/preload',
  spkiFingerprint: 'AAAA',
};

test('replaces existing variables and clears the exclusions', () => {
  const ambient = {
    PATH: '/bin',
    NO_PROXY: 'localhost',
    no_proxy: '*',
    https_proxy: 'http://corporate:3128',
    grpc_proxy: 'http://corporate:3128',
    no_grpc_proxy: '*',
    REQUESTS_CA_BUNDLE: '/corporate.pem',
  };
  expect(childEnvironment(ambient, access, 'linux')).toMatchObject({
    PATH: '/bin',
    HTTP_PROXY: access.proxyUrl,
    http_proxy: access.proxyUrl,
    HTTPS_PROXY: access.proxyUrl,
    https_proxy: access.proxyUrl,
    ALL_PROXY: access.proxyUrl,
    npm_config_https_proxy: access.proxyUrl,
    NO_PROXY: '',
    no_proxy: '',
    grpc_proxy: access.proxyUrl,
    no_grpc_proxy: '',
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: access.bundleFile,
    REQUESTS_CA_BUNDLE: access.bundleFile,
    SSL_CERT_FILE: access.bundleFile,
    WGETRC: '/files/wgetrc',
  });
});

test('on Windows replaces variables that are spelled in another case', () => {
  const environment = childEnvironment({ Http_Proxy: 'x', Path: 'C:\\' }, access, 'win32');
  expect(environment).not.toHaveProperty('Http_Proxy');
  expect(environment).toHaveProperty('Path');
  expect(environment['PHP_INI_SCAN_DIR']).toBe(';/files/php');
});

test('on other systems keeps variables that are spelled in another case', () => {
  expect(childEnvironment({ Http_Proxy: 'x' }, access, 'linux')).toHaveProperty('Http_Proxy');
});

test('adds only the CA of pmproxy unless the user added roots', () => {
  const variables = proxyVariables({}, access);
  expect(variables).toMatchObject({ NODE_EXTRA_CA_CERTS: access.caFile, DENO_CERT: access.caFile });
  const own = proxyVariables({ NODE_EXTRA_CA_CERTS: '/own.pem' }, access);
  expect(own['NODE_EXTRA_CA_CERTS']).toBe(access.bundleFile);
});

test('sets every variable whose certificates go into the bundle', () => {
  expect(Object.keys(proxyVariables({}, access))).toEqual(
    expect.arrayContaining([...CA_VARIABLES]),
  );
});

test('appends to NODE_OPTIONS, once', () => {
  const first = proxyVariables({ NODE_OPTIONS: '--max-old-space-size=100' }, access);
  expect(first['NODE_OPTIONS']).toBe('--max-old-space-size=100 --require /preload/node.cjs');
  expect(proxyVariables(first, access)['NODE_OPTIONS']).toBe(first['NODE_OPTIONS']);
});

test('appends to the options of Java, and comes before the folders that Python reads', () => {
  const variables = proxyVariables(
    { JAVA_TOOL_OPTIONS: '-Xmx1g', PYTHONPATH: '/own' },
    { ...access, folder: '/a folder' },
    'linux',
  );
  expect(variables['JAVA_TOOL_OPTIONS']).toMatch(
    /^-Xmx1g -Dhttp\.proxyHost=127\.0\.0\.1 -Dhttp\.proxyPort=8081 .*-Dhttp\.nonProxyHosts= "-D/,
  );
  expect(variables['JAVA_TOOL_OPTIONS']).toContain(
    ' "-Djavax.net.ssl.trustStore=/a folder/java-roots.jks" ',
  );
  expect(variables['PYTHONPATH']).toBe('/preload/python:/own');
});

test('appends to the folders that PHP reads', () => {
  const variables = proxyVariables({ PHP_INI_SCAN_DIR: '/own' }, access, 'linux');
  expect(variables['PHP_INI_SCAN_DIR']).toBe('/own:/files/php');
});

test('appends to what Ruby and Bun load first, and keeps the rest', () => {
  const ambient = { RUBYOPT: '-W0', RUBYLIB: '/own', BUN_OPTIONS: '--smol' };
  expect(proxyVariables(ambient, access, 'linux')).toMatchObject({
    RUBYOPT: '-W0 -rpmproxy_preload',
    RUBYLIB: '/preload/ruby:/own',
    BUN_OPTIONS: '--smol --preload=/preload/bun.cjs',
  });
});

test('leaves out of BUN_OPTIONS a path that cannot be written there', () => {
  const variables = proxyVariables({}, { ...access, preloadFolder: '/a folder' });
  expect(variables).not.toHaveProperty('BUN_OPTIONS');
});

test('no two ecosystems set the same variable', () => {
  const names = ecosystems.flatMap(({ variables }) => Object.keys(variables({}, access, ':')));
  expect(names).toEqual([...new Set(names)]);
});

test.each([
  ['/plain/path.cjs', '/plain/path.cjs'],
  ['/with space/path.cjs', '"/with space/path.cjs"'],
  ['C:\\plain\\path.cjs', 'C:\\plain\\path.cjs'],
  ['C:\\with space\\path.cjs', '"C:\\\\with space\\\\path.cjs"'],
])('NODE_OPTIONS contains %s as %s', (path, option) => {
  expect(nodeOption(path)).toBe(option);
});
