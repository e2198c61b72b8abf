/**
 * The default of every option that has one. The command line, its help, the documentation and the library read this table.
 */
export const DEFAULTS = {
  // The proxy.
  /** A command that runs a program takes a free port instead. */
  proxyPort: 8080,
  bind: '127.0.0.1',
  timeoutMs: 120_000,
  graceMs: 5_000,
  logLevel: 'info',
  /** The process itself accepts connections. */
  workers: 1,

  // What is recorded.
  maxBodyBytes: 10 * 1024 * 1024,
  restrictedHeaders: false,
  secrets: 'redact',

  // What is written.
  outputFolder: '.',
  group: 'auto',
  shape: 'requests',
  minExchanges: 0,

  // What is rewritten.
  prefix: 'Postman-',
  redirects: 'marked',

  // The running client.
  clientHost: '127.0.0.1',
  /** The port on which PostmanProxy (2013) expects its app. */
  clientPort: 5005,
  collectionsFolder: '.',

  // The PostmanProxy (2013) app.
  appHost: '127.0.0.1',
  appPort: 5005,

  shell: 'sh',
} as const;
