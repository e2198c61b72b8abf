import type { Ecosystem } from './ecosystem.ts';

/** The variables that programs of every language share: the proxy, and the hosts that bypass it. */
export const route: Ecosystem = {
  variables: (_, { proxyUrl, direct = [] }) => ({
    ...Object.fromEntries(ROUTE.map((name) => [name, proxyUrl])),
    ...Object.fromEntries(DIRECT.map((name) => [name, direct.join(',')])),
  }),
};

/** The variables that name certificates. Ambient ones are replaced: REQUESTS_CA_BUNDLE would defeat CURL_CA_BUNDLE. */
export const trust: Ecosystem = {
  variables(ambient, { caFile, bundleFile }) {
    // The user's own roots must stay trusted: tunnels that are not opened may use their certificates.
    const added = ADDING_TRUST.map((name) => [name, ambient[name] ? bundleFile : caFile]);
    const replaced = REPLACING_TRUST.map((name) => [name, bundleFile]);
    // The preloaded files read our CA here, for programs that list all their roots.
    return Object.fromEntries([...added, ...replaced, ['PMPROXY_CA', caFile]]);
  },
};

// curl reads `http_proxy` in lower case only.
const ROUTE = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'WS_PROXY', 'WSS_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'ws_proxy', 'wss_proxy'],
  // gRPC's own variable overrides the others.
  'grpc_proxy',
  ...['CGI_HTTP_PROXY', 'npm_config_proxy', 'npm_config_https_proxy'],
] as const;

const DIRECT = ['NO_PROXY', 'no_proxy', 'no_grpc_proxy', 'npm_config_noproxy'] as const;

const ADDING_TRUST = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;
// SSL_CERT_FILE is OpenSSL's, and also that of Go, Ruby, .NET and Rust.
const REPLACING_TRUST = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'PERL_LWP_SSL_CA_FILE',
  'CARGO_HTTP_CAINFO',
  // gRPC in C++, Python, Ruby and Node.
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
  'BUNDLE_SSL_CA_CERT',
  'npm_config_cafile',
] as const;

/** Every variable that may name a file of certificates, also in the ambient environment. */
export const CA_VARIABLES: readonly string[] = [...ADDING_TRUST, ...REPLACING_TRUST];
