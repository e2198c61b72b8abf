import type { Shown } from '../calls/miss.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { variableNames } from '../secrets/variables.ts';

/** How many secrets are remembered at a time: a mock may run for days, and memory must not grow with it. */
const MOST_SECRETS = 1000;

/** Shows requests with variables in the place of secrets. */
export function requestsWithoutSecrets(): Shown {
  const begin = () => createSecrets({ mode: 'redact', names: variableNames([]) });
  let secrets = begin();
  const current = () => {
    if (secrets.variables.length > MOST_SECRETS) secrets = begin();
    return secrets;
  };
  return {
    url: (url) => current().url(url),
    value: (at, value) => current().field(nameIn(at), value),
  };
}

/** `password` of `body $.user.password`. */
function nameIn(at: string): string {
  return /([\w-]+)[^\w-]*(?:\(\d+\))?$/.exec(at.replace(/\[\d+\]/g, ''))?.[1] ?? '';
}
