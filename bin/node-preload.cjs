// Loaded through NODE_OPTIONS=--require into every Node program that runs under pmproxy, whichever
// version and whoever's it is: it sends what http, https and fetch do by default through the proxy
// of the environment. Node from 24.5 and 22.21 does so by itself (NODE_USE_ENV_PROXY=1); older ones
// know no variable for it. It is plain CommonJS in a folder of its own because it runs as it is.
//
// It must not be noticed: it says nothing, and where something is amiss it does nothing.
'use strict';

try {
  const proxy = process.env.HTTP_PROXY;
  const builtIn =
    process.env.NODE_USE_ENV_PROXY === '1' &&
    process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
  if (proxy && !builtIn) {
    sendHttpThrough(new URL(proxy));
    sendFetchThrough();
  }
} catch {
  // A program without recording is better than one that does not start.
}

/**
 * Replaces the agents that http and https use when none is given. Every connection, also a plain
 * one, is a tunnel (CONNECT, RFC 9110 9.3.6): the requests inside stay exactly as they were made,
 * which rewriting them to absolute-form, as the usual agents do, cannot promise (`//path`, a Host
 * header that is not the address).
 */
function sendHttpThrough(proxy) {
  const http = require('node:http');
  const https = require('node:https');
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
        if (error) callback(error);
        else callback(null, super.createConnection({ ...options, socket }));
      });
    }
  }

  function openTunnel({ host, hostname, port }, usualPort, callback) {
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
    connect.once('error', callback);
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
  require('node:module').syncBuiltinESMExports();
}

/**
 * Puts a dispatcher where fetch and every undici look for theirs. Loading undici costs tens of
 * milliseconds, so it waits for the first request: most programs make none.
 */
function sendFetchThrough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // undici 7 loads from Node 20.18.1.
  if (major < 20 || (major === 20 && minor < 19)) return;
  let agent;
  const real = () => {
    agent ??= new (require('undici').EnvHttpProxyAgent)();
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
