import { expect, test } from 'vitest';
import {
  CA_VARIABLES,
  childEnvironment,
  NODE_PRELOAD_FILE,
  nodeOption,
  PYTHON_FOLDER,
  proxyVariables,
} from '../../src/launch/environment.ts';

const access = {
  proxyUrl: 'http://127.0.0.1:8081',
  caFile: '/files/ca.pem',
  bundleFile: '/files/ca-bundle.pem',
  wgetrcFile: '/files/wgetrc',
  phpFolder: '/files/php',
  javaStoreFile: '/files/java-roots.jks',
};

test('replaces existing variables and clears the exclusions', () => {
  const ambient = {
    PATH: '/bin',
    NO_PROXY: 'localhost',
    no_proxy: '*',
    https_proxy: 'http://corporate:3128',
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
    REQUESTS_CA_BUNDLE: access.bundleFile,
    SSL_CERT_FILE: access.bundleFile,
    WGETRC: access.wgetrcFile,
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
  expect(first['NODE_OPTIONS']).toBe(
    `--max-old-space-size=100 --require ${nodeOption(NODE_PRELOAD_FILE)}`,
  );
  expect(proxyVariables(first, access)['NODE_OPTIONS']).toBe(first['NODE_OPTIONS']);
});

test('appends to the options of Java, and comes before the folders that Python reads', () => {
  const variables = proxyVariables(
    { JAVA_TOOL_OPTIONS: '-Xmx1g', PYTHONPATH: '/own' },
    { ...access, javaStoreFile: '/a folder/java-roots.jks' },
    'linux',
  );
  expect(variables['JAVA_TOOL_OPTIONS']).toMatch(
    /^-Xmx1g -Dhttp\.proxyHost=127\.0\.0\.1 -Dhttp\.proxyPort=8081 .*-Dhttp\.nonProxyHosts= "-D/,
  );
  expect(variables['JAVA_TOOL_OPTIONS']).toContain(
    ' "-Djavax.net.ssl.trustStore=/a folder/java-roots.jks" ',
  );
  expect(variables['PYTHONPATH']).toBe(`${PYTHON_FOLDER}:/own`);
});

test('appends to the folders that PHP reads', () => {
  const variables = proxyVariables({ PHP_INI_SCAN_DIR: '/own' }, access, 'linux');
  expect(variables['PHP_INI_SCAN_DIR']).toBe('/own:/files/php');
});

test.each([
  ['/plain/path.cjs', '/plain/path.cjs'],
  ['/with space/path.cjs', '"/with space/path.cjs"'],
  ['C:\\plain\\path.cjs', 'C:\\plain\\path.cjs'],
  ['C:\\with space\\path.cjs', '"C:\\\\with space\\\\path.cjs"'],
])('NODE_OPTIONS contains %s as %s', (path, option) => {
  expect(nodeOption(path)).toBe(option);
});
