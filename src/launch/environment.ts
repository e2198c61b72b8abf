import { bun } from './bun.ts';
import type { Ecosystem, Environment, ProxyAccess } from './ecosystem.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { perl } from './perl.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';
import { route, trust } from './variables.ts';
import { wget } from './wget.ts';

/** All supported clients; no two set the same variable. */
export const ecosystems: readonly Ecosystem[] = [
  ...[route, trust],
  ...[node, bun, python, java, ruby, perl, php, wget],
];

/**
 * The variables that send a program's traffic through the proxy and make it trust our CA, whichever
 * language it is written in. They replace ambient values: an ambient `NO_PROXY=localhost` would make
 * clients bypass the proxy.
 * @param ambient the environment to extend; its values are kept in variables that hold lists.
 */
export function proxyVariables(
  ambient: Environment,
  access: ProxyAccess,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const separator = platform === 'win32' ? ';' : ':';
  return Object.assign(
    {},
    ...ecosystems.map(({ variables }) => variables(ambient, access, separator)),
  );
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

// Names are case-insensitive on Windows, so `Http_Proxy` is the same variable as ours there.
function isReplaced(
  name: string,
  variables: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): boolean {
  if (platform !== 'win32') return Object.hasOwn(variables, name);
  const upper = name.toUpperCase();
  return Object.keys(variables).some((key) => key.toUpperCase() === upper);
}
