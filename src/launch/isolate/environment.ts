/** Settings that make a program use a proxy; isolated programs must not use them. */
const ROUTE =
  /^(?:https?|all|no|ftp|wss?|grpc|no_grpc)_proxy$|^CGI_HTTP_PROXY$|^npm_config_(?:https?_|no)?proxy$/i;
const JAVA_ROUTE = /\s*"?-Dhttps?\.(?:proxyHost|proxyPort|nonProxyHosts)=[^\s"]*"?/g;

/**
 * Returns the environment of an isolated command: that of any command without the proxy settings. A client that used the
 * proxy by itself could not reach the servers that the command starts. The trust settings stay.
 */
export function isolatedEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name]) => !ROUTE.test(name) && name !== 'NODE_USE_ENV_PROXY',
  );
  const java = env['JAVA_TOOL_OPTIONS'];
  return {
    ...Object.fromEntries(kept),
    ...(java !== undefined && { JAVA_TOOL_OPTIONS: java.replace(JAVA_ROUTE, '').trim() }),
  };
}
