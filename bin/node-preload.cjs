// biome-ignore-all lint/style/useNodejsImportProtocol: require knows the prefix from Node 14.18 on.
// Loaded through NODE_OPTIONS=--require into every Node program that runs under pmproxy, of any
// version: it sends what http, https and fetch do by default through the proxy of the environment.
// Node from 24.5 and 22.21 does so by itself (NODE_USE_ENV_PROXY=1); older ones know no variable
// for it. It is plain CommonJS in a folder of its own because it runs as it is.
//
// It must not be noticed: it prints nothing, and where something is amiss it does nothing. Its
// syntax is that of Node 10, because a syntax error would end the program before anything is caught.
'use strict';

try {
  const proxy = process.env.HTTP_PROXY;
  if (proxy && isNode() && !proxiesByItself()) {
    sendHttpThrough(new URL(proxy));
    sendFetchThrough();
  }
} catch {
  // A program without recording is better than one that does not start.
}

/**
 * Other runtimes load what NODE_OPTIONS names, too, and `process.release` calls them Node. The
 * node:http of Deno and Bun heeds the proxy variables and cannot use these agents; Electron and
 * NW.js send requests with Chromium.
 */
function isNode() {
  const others = ['deno', 'bun', 'electron', 'nw', 'node-webkit'];
  return process.release.name === 'node' && !others.some((name) => name in process.versions);
}

function proxiesByItself() {
  const { NODE_USE_ENV_PROXY } = process.env;
  return NODE_USE_ENV_PROXY === '1' && process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
}

/**
 * Replaces the agents that http and https use when none is given. Every connection, also a plain
 * one, is a tunnel (CONNECT, RFC 9110 9.3.6): the requests inside stay exactly as they were made,
 * which rewriting them to absolute-form, as the usual agents do, cannot promise (`//path`, a Host
 * header that is not the address).
 */
function sendHttpThrough(proxy) {
  const http = require('http');
  const https = require('https');
  const toProxy = new http.Agent();

  class TunnelAgent extends http.Agent {
    createConnection(options, callback) {
      if (options.socketPath) return super.createConnection(options, callback);
      openTunnel(options, 80, callback);
    }
  }

  class SecureTunnelAgent extends https.Agent {
    createConnection(options, callback) {
      if (options.socketPath) return super.createConnection(options, callback);
      openTunnel(options, 443, (error, socket) => {
        if (error) return callback(error);
        const failed = (reason) => {
          socket.destroy();
          callback(reason);
        };
        attempt(() => callback(null, super.createConnection({ ...options, socket })), failed);
      });
    }
  }

  // What is thrown here is an error of the request, for no caller is left to catch it.
  function attempt(connect, failed) {
    try {
      connect();
    } catch (error) {
      failed(error);
    }
  }

  function openTunnel(options, usualPort, callback) {
    attempt(() => askForTunnel(options, usualPort, callback), callback);
  }

  function askForTunnel({ host, hostname, port }, usualPort, callback) {
    const name = host || hostname || 'localhost';
    const path = `${name.includes(':') ? `[${name}]` : name}:${port || usualPort}`;
    const connect = http.request({
      agent: toProxy,
      hostname: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || 80,
      method: 'CONNECT',
      path,
      headers: { host: path },
    });
    connect.on('error', callback);
    connect.once('response', (answer) => {
      answer.resume();
      callback(new Error(`The proxy answered ${answer.statusCode} to CONNECT ${path}.`));
    });
    connect.once('connect', (answer, socket, head) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        callback(new Error(`The proxy answered ${answer.statusCode} to CONNECT ${path}.`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      callback(null, socket);
    });
    connect.end();
  }

  http.globalAgent = new TunnelAgent(http.globalAgent.options);
  https.globalAgent = new SecureTunnelAgent(https.globalAgent.options);
  require('module').syncBuiltinESMExports();
}

/**
 * Puts a dispatcher where fetch and every undici look for theirs. Loading undici costs tens of
 * milliseconds, so it waits for the first request: most programs make none.
 */
function sendFetchThrough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // undici 7 loads from Node 20.18.1.
  if (major < 20 || (major === 20 && minor < 19)) return;
  // Where it cannot be found, fetch stays as it is.
  const undici = require.resolve('undici');
  let agent;
  const real = () => {
    if (!agent) agent = new (require(undici).EnvHttpProxyAgent)();
    return agent;
  };
  const lazy = new Proxy(Object.create(null), {
    get(_, key) {
      const value = real()[key];
      return typeof value === 'function' ? value.bind(real()) : value;
    },
  });
  for (const version of [1, 2]) {
    // Configurable and writable: a program may set a dispatcher of its own, in any version's way.
    Object.defineProperty(globalThis, Symbol.for(`undici.globalDispatcher.${version}`), {
      value: lazy,
      writable: true,
      configurable: true,
    });
  }
}
