// biome-ignore-all lint/style/useNodejsImportProtocol: require knows the prefix from Node 14.18 on.
// Loaded through NODE_OPTIONS=--require into every Node program that runs under pmproxy, of any version. It sends every
// connection that the program opens through the proxy of the environment, whichever agent, dispatcher or library opens
// it, and gives the proxy to each Chromium that the program starts. It is plain CommonJS because it runs as it is.
//
// A program must not notice it: it prints nothing, and it does nothing where something is amiss. Its syntax is that of
// Node 12, because a syntax error would end the program before anything is caught.
'use strict';

try {
  const proxy = proxyOfEnvironment();
  if (proxy && isNode()) {
    const directPorts = require('./node-direct.cjs').directPorts();
    require('./node-tunnel.cjs').tunnelConnections(proxy, directPorts);
    require('./node-chromium.cjs').giveChromiumTheProxy(proxy, directPorts);
    // For programs that import a function by its name.
    require('module').syncBuiltinESMExports();
  }
} catch {
  // A program without recording is better than one that does not start.
}

function proxyOfEnvironment() {
  if (!process.env.HTTP_PROXY) return undefined;
  const { protocol, hostname, port, username, password } = new URL(process.env.HTTP_PROXY);
  // Anything else is not a proxy of ours.
  if (protocol !== 'http:') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    credentials: username ? Buffer.from(pair).toString('base64') : undefined,
  };
}

/**
 * Other runtimes load what NODE_OPTIONS names, too, and `process.release` calls them Node. Deno and Bun heed the proxy
 * variables by themselves; Electron and NW.js send requests with Chromium.
 */
function isNode() {
  const others = ['deno', 'bun', 'electron', 'nw', 'node-webkit'];
  return process.release.name === 'node' && !others.some((name) => name in process.versions);
}
