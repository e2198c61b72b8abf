import { fileURLToPath } from 'node:url';
import { JAVA_STORE_PASSWORD } from './java-store.ts';

/** A process environment: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a child process needs to know of the proxy: its URL and the files written for clients. */
export type ProxyAccess = {
  /** `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** PEM file with our CA alone, for variables that add trust. */
  readonly caFile: string;
  /** PEM file with every root and ours, for variables that replace trust. */
  readonly bundleFile: string;
  /** A wgetrc that names the bundle; wget knows no variable for it. */
  readonly wgetrcFile: string;
  /** A folder of .ini files for PHP that name the bundle. */
  readonly phpFolder: string;
  /** The bundle as Java reads it; Java heeds none of the variables that name PEM files. */
  readonly javaStoreFile: string;
};

/** The file that older Node versions load first; the same path from `src` and from `dist`. */
export const NODE_PRELOAD_FILE = fileURLToPath(
  new URL('../../bin/node-preload.cjs', import.meta.url),
);

/** The folder of what Python loads first. */
export const PYTHON_FOLDER = fileURLToPath(new URL('../../bin/python', import.meta.url));

/**
 * The variables that send a program's traffic through the proxy and make it trust our CA, whichever
 * language it is written in. They are set over what was there: an ambient `REQUESTS_CA_BUNDLE`
 * defeats `CURL_CA_BUNDLE`, an ambient `NO_PROXY=localhost` makes clients go around.
 * @param ambient the environment that they go into; what it names is kept where lists are appended.
 */
export function proxyVariables(
  ambient: Environment,
  access: ProxyAccess,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const listSeparator = platform === 'win32' ? ';' : ':';
  return {
    ...routeVariables(access.proxyUrl),
    ...trustVariables(ambient, access),
    // A recording of `npm test` is to hold the tests' traffic, not npm's looking for a newer npm.
    npm_config_update_notifier: 'false',
    NO_UPDATE_NOTIFIER: '1',
    NODE_USE_ENV_PROXY: '1',
    NODE_OPTIONS: withPreload(ambient['NODE_OPTIONS']),
    PYTHONPATH: withFolder(ambient['PYTHONPATH'], PYTHON_FOLDER, listSeparator),
    JAVA_TOOL_OPTIONS: withJavaOptions(ambient['JAVA_TOOL_OPTIONS'], access),
    WGETRC: access.wgetrcFile,
    // An empty entry stands for PHP's own folder, which the variable would otherwise replace.
    PHP_INI_SCAN_DIR: `${ambient['PHP_INI_SCAN_DIR'] ?? ''}${listSeparator}${access.phpFolder}`,
  };
}

/** The whole environment of a child process: the ambient one with `proxyVariables` over it. */
export function childEnvironment(
  ambient: Environment,
  access: ProxyAccess,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const variables = proxyVariables(ambient, access, platform);
  const kept = Object.entries(ambient).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !isReplaced(entry[0], variables, platform),
  );
  return { ...Object.fromEntries(kept), ...variables };
}

// Windows knows no case in names, so `Http_Proxy` there is another spelling of ours.
function isReplaced(
  name: string,
  variables: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): boolean {
  if (platform !== 'win32') return Object.hasOwn(variables, name);
  const upper = name.toUpperCase();
  return Object.keys(variables).some((key) => key.toUpperCase() === upper);
}

function routeVariables(proxyUrl: string): Record<string, string> {
  return {
    HTTP_PROXY: proxyUrl,
    // curl reads this one in lower case only.
    http_proxy: proxyUrl,
    HTTPS_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    ALL_PROXY: proxyUrl,
    all_proxy: proxyUrl,
    WS_PROXY: proxyUrl,
    ws_proxy: proxyUrl,
    WSS_PROXY: proxyUrl,
    wss_proxy: proxyUrl,
    CGI_HTTP_PROXY: proxyUrl,
    npm_config_proxy: proxyUrl,
    npm_config_https_proxy: proxyUrl,
    NO_PROXY: '',
    no_proxy: '',
    npm_config_noproxy: '',
  };
}

/** Variables that name certificates to trust: those that add to the usual ones, then the others. */
const ADDING_TRUST = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;
const REPLACING_TRUST = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'PERL_LWP_SSL_CA_FILE',
  'CARGO_HTTP_CAINFO',
  'BUNDLE_SSL_CA_CERT',
  'npm_config_cafile',
] as const;

/** Every variable that may name a file of certificates, as the ambient environment may, too. */
export const CA_VARIABLES: readonly string[] = [...ADDING_TRUST, ...REPLACING_TRUST];

function trustVariables(ambient: Environment, access: ProxyAccess): Record<string, string> {
  // Somebody's own roots must go on counting: tunnels that are not opened show their certificates.
  const added = ADDING_TRUST.map((name) => [
    name,
    ambient[name] ? access.bundleFile : access.caFile,
  ]);
  const replaced = REPLACING_TRUST.map((name) => [name, access.bundleFile]);
  return Object.fromEntries([...added, ...replaced]);
}

function withPreload(ambient: string | undefined): string {
  const wanted = `--require ${nodeOption(NODE_PRELOAD_FILE)}`;
  if (!ambient) return wanted;
  return ambient.includes(wanted) ? ambient : `${ambient} ${wanted}`;
}

// Ahead of the others: Python loads the first sitecustomize that it finds, and ours loads the next.
function withFolder(ambient: string | undefined, folder: string, separator: string): string {
  if (!ambient) return folder;
  return ambient.split(separator).includes(folder) ? ambient : `${folder}${separator}${ambient}`;
}

/** Java reads its own properties alone. Of those that are given twice, the last one counts. */
function withJavaOptions(ambient: string | undefined, access: ProxyAccess): string {
  const { hostname, port } = new URL(access.proxyUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const wanted = Object.entries({
    'http.proxyHost': host,
    'http.proxyPort': port,
    'https.proxyHost': host,
    'https.proxyPort': port,
    // For both schemes; without it Java goes around the proxy to this machine.
    'http.nonProxyHosts': '',
    'javax.net.ssl.trustStore': access.javaStoreFile,
    'javax.net.ssl.trustStoreType': 'JKS',
    'javax.net.ssl.trustStorePassword': JAVA_STORE_PASSWORD,
  }).map(([name, value]) => javaOption(`-D${name}=${value}`));
  return [...(ambient ? [ambient] : []), ...wanted].join(' ');
}

// The JVM splits the variable at white space, except within quotes.
function javaOption(option: string): string {
  return /\s/.test(option) ? `"${option}"` : option;
}

/**
 * A value for NODE_OPTIONS, which are split at spaces: in double quotes where it needs them, within
 * which a backslash escapes (Node's command-line documentation, NODE_OPTIONS).
 */
export function nodeOption(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
