import { expect, test } from 'vitest';
import { childEnvironment } from '../../../src/launch/environment.ts';
import { isolatedEnvironment } from '../../../src/launch/isolate/environment.ts';

test('an isolated command is told whom to trust, but of no proxy', () => {
  const access = {
    proxyUrl: 'http://127.0.0.1:8081',
    caFile: '/files/ca.pem',
    bundleFile: '/files/ca-bundle.pem',
    folder: '/my files',
    preloadFolder: '/preload',
    spkiFingerprint: 'AAAA',
  };
  const ambient = {
    PATH: '/bin',
    https_proxy: 'http://corporate:3128',
    JAVA_TOOL_OPTIONS: '-Xmx1g',
  };
  const env = isolatedEnvironment(childEnvironment(ambient, access, 'linux'));
  expect(JSON.stringify(env)).not.toMatch(/8081|127\.0\.0\.1|corporate|nonProxyHosts/);
  expect(Object.keys(env).filter((name) => /^(https?|all|no)_proxy$/i.test(name))).toEqual([]);
  expect(env).toMatchObject({
    PATH: '/bin',
    SSL_CERT_FILE: access.bundleFile,
    NODE_EXTRA_CA_CERTS: access.caFile,
    WGETRC: '/my files/wgetrc',
  });
  expect(env['JAVA_TOOL_OPTIONS']).toBe(
    '-Xmx1g "-Djavax.net.ssl.trustStore=/my files/java-roots.jks" -Djavax.net.ssl.trustStoreType=JKS -Djavax.net.ssl.trustStorePassword=changeit',
  );
});
