/** The parts of an absolute URL exactly as sent; joined again they form the URL. */
export type Target = {
  /** `http` or `https`, without the colon. */
  readonly protocol: string;
  /** `user:password` if the URL has them, undecoded. */
  readonly userinfo?: string;
  readonly host: string;
  readonly port?: string;
  /** From the first slash to the question mark, undecoded; empty when there is none. */
  readonly path: string;
  /** The text after the question mark, undecoded; absent if there is no question mark. */
  readonly query?: string;
};

const ABSOLUTE =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^/?#:]*)(?::([^/?#]*))?([^?]*)(?:\?(.*))?$/is;

/** Splits a URL without decoding or normalising; a text that is not an absolute URL is all path. */
export function parseTarget(url: string): Target {
  const match = ABSOLUTE.exec(url);
  if (match === null) return { protocol: 'http', host: '', path: url };
  const [, protocol = '', userinfo, host = '', port, path = '', query] = match;
  return {
    protocol: protocol.toLowerCase(),
    host,
    path,
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(port === undefined ? {} : { port }),
    ...(query === undefined ? {} : { query }),
  };
}

/** Scheme, host and port: the value of a `{{baseUrl}}`. */
export function originOf(target: Target): string {
  const port = target.port === undefined ? '' : `:${target.port}`;
  return `${target.protocol}://${target.host.toLowerCase()}${port}`;
}

/** Joins the parts into a URL. */
export function joinTarget({ protocol, userinfo, host, port, path, query }: Target): string {
  const user = userinfo === undefined ? '' : `${userinfo}@`;
  const end = query === undefined ? '' : `?${query}`;
  return `${protocol}://${user}${host}${port === undefined ? '' : `:${port}`}${path}${end}`;
}
