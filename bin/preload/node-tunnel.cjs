// biome-ignore-all lint/style/useNodejsImportProtocol: require knows the prefix from Node 14.18 on.
// Makes every TCP and TLS connection of this program a tunnel through the proxy (CONNECT, RFC 9110 9.3.6), at the two
// places where all of Node's clients open theirs. Requests inside stay exactly as they were made.
'use strict';

const dns = require('dns');
const fs = require('fs');
const net = require('net');
const tls = require('tls');
const { tunnelTarget } = require('./node-direct.cjs');

const connectSocket = net.Socket.prototype.connect;
const connectTls = tls.connect;
/** Sockets whose tunnel is not open yet. */
const opening = new WeakSet();
let ourCa;

/**
 * @param proxy host and port of the proxy
 * @param directPorts ports of protocols that are not HTTP
 */
function tunnelConnections(proxy, directPorts) {
  net.Socket.prototype.connect = function connect(...args) {
    // TLS encrypts whatever is written to its socket, a CONNECT too.
    const [options, listener] = this instanceof tls.TLSSocket ? [] : socketArguments(args);
    const target = options && tunnelTarget(options, proxy, directPorts);
    if (!target) return connectSocket.apply(this, args);
    if (listener) this.once('connect', listener);
    openTunnel(this, proxy, target, options);
    return this;
  };

  tls.connect = function connect(...args) {
    const [options, listener] = tlsArguments(args);
    if (!options) return connectTls.apply(tls, args);
    if (options.socket) {
      if (!opening.has(options.socket)) return connectTls.apply(tls, args);
      return withoutHandle(options.socket, () => connectTls(withOurCa(options), listener));
    }
    const target = tunnelTarget(options, proxy, directPorts);
    if (!target) return connectTls.apply(tls, args);
    const socket = new net.Socket({ allowHalfOpen: Boolean(options.allowHalfOpen) });
    socket.connecting = true;
    const host = options.host || 'localhost';
    const secure = connectTls(withOurCa({ ...options, host, socket }), listener);
    stayOnTop(secure, socket);
    if (options.timeout) secure.setTimeout(options.timeout);
    openTunnel(socket, proxy, target, options);
    return secure;
  };
}

/** `connect(options, listener)`, `connect(port, host, listener)`, or both in an array, from net.connect. */
function socketArguments(args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const listener = (Array.isArray(args[0]) ? args[0] : args).find(isFunction);
  if (first !== null && typeof first === 'object') return [first, listener];
  // A path has no digits alone; a port may be a string (net.connect's documentation).
  if (!/^\d+$/.test(String(first))) return [];
  return [{ port: first, host: typeof second === 'string' ? second : undefined }, listener];
}

/** `connect(options, listener)` or `connect(port, host, options, listener)`, in which all but the port may be missing. */
function tlsArguments(args) {
  const [options, listener] = socketArguments(args);
  const more = args.slice(1).find((arg) => arg !== null && typeof arg === 'object');
  return [options && { ...options, ...more }, listener];
}

function isFunction(value) {
  return typeof value === 'function';
}

/** A program that names its own authorities trusts nobody else, not even those of NODE_EXTRA_CA_CERTS. */
function withOurCa(options) {
  if (!options.ca || !process.env.PMPROXY_CA) return options;
  ourCa = ourCa || fs.readFileSync(process.env.PMPROXY_CA);
  return { ...options, ca: [].concat(options.ca, ourCa) };
}

/**
 * A TLS socket reads from the handle of the socket beneath, where that has one, and would take the proxy's answer for
 * TLS. Without a handle it uses the socket as a stream, which says nothing until the tunnel is open.
 */
function withoutHandle(socket, make) {
  const handle = socket._handle;
  socket._handle = null;
  try {
    const secure = make();
    stayOnTop(secure, socket);
    return secure;
  } finally {
    socket._handle = handle;
  }
}

/** What concerns the connection rather than its bytes is for the socket beneath. */
function stayOnTop(secure, socket) {
  for (const method of ['ref', 'unref', 'setKeepAlive', 'setNoDelay']) {
    secure[method] = (...args) => {
      socket[method](...args);
      return secure;
    };
  }
  secure._getpeername = () => socket._getpeername();
  secure._getsockname = () => socket._getsockname();
  socket.on('error', (error) => secure.destroy(error));
}

function openTunnel(socket, proxy, target, options) {
  socket.connecting = true;
  opening.add(socket);
  const { lookup } = options;
  if (!isFunction(lookup) || lookup === dns.lookup || net.isIP(target.host)) {
    askProxy(socket, proxy, target);
    return;
  }
  // A program that resolves names in its own way may know some that nobody else does.
  lookup(target.host, { family: options.family || 0, all: false }, (error, found) => {
    if (socket.destroyed) return;
    const first = Array.isArray(found) ? found[0] : { address: found };
    if (first && !error) askProxy(socket, proxy, { host: first.address, port: target.port });
    else socket.destroy(error || new Error(`No address for ${target.host}`));
  });
}

/** Events that tell of the connection to the proxy, which is nobody's business. */
const HELD_BACK = /^(ready|lookup|connectionAttempt.*)$/;

/**
 * Connects a socket to the proxy and asks for a tunnel. The socket counts as connecting until the proxy has granted it:
 * what the program writes meanwhile waits, as it does for any connection.
 */
function askProxy(socket, proxy, { host, port }) {
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  let answer = '';
  const release = override(socket, {
    emit(emit, event, ...rest) {
      if (event === 'connect') {
        ask();
        return true;
      }
      return HELD_BACK.test(event) || emit(event, ...rest);
    },
    push(_, chunk) {
      if (chunk === null) fail('closed the connection');
      else read(chunk.toString('latin1'));
      return true;
    },
  });
  connectSocket.call(socket, { host: proxy.host, port: proxy.port });

  function ask() {
    const { credentials } = proxy;
    const named = credentials ? `Proxy-Authorization: Basic ${credentials}\r\n` : '';
    const request = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${named}\r\n`;
    socket._writeGeneric(false, request, 'latin1', () => {});
    socket._handle.reading = true;
    socket._handle.readStart();
    socket.connecting = true;
  }

  function read(text) {
    answer += text;
    const end = answer.indexOf('\r\n\r\n');
    if (end === -1) return;
    if (!/^HTTP\/1\.\d 200\b/.test(answer)) {
      fail(`answered ${answer.slice(0, answer.indexOf('\r\n'))}`);
      return;
    }
    finish();
    socket.connecting = false;
    socket.emit('connect');
    socket.emit('ready');
    const rest = Buffer.from(answer.slice(end + 4), 'latin1');
    if (rest.length > 0) socket.push(rest);
  }

  function fail(what) {
    finish();
    const error = new Error(`The proxy ${what} to CONNECT ${authority}`);
    socket.destroy(Object.assign(error, { code: 'ECONNREFUSED', syscall: 'connect' }));
  }

  function finish() {
    opening.delete(socket);
    release();
  }
}

/** Replaces methods of one object; each gets the method that it replaces first. Returns what puts those back. */
function override(object, methods) {
  let isOver = false;
  const undo = Object.keys(methods).map((name) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const before = object[name];
    const ours = function (...args) {
      if (isOver) return before.apply(this, args);
      return methods[name](before.bind(object), ...args);
    };
    object[name] = ours;
    return () => {
      // Somebody may have put something on top, which goes on calling ours.
      if (object[name] !== ours) return;
      if (own) Object.defineProperty(object, name, own);
      else delete object[name];
    };
  });
  return () => {
    isOver = true;
    for (const put of undo) put();
  };
}

module.exports = { tunnelConnections };
