import { isAuthHeader } from '../../analysis/auth.ts';
import type { Auth, Item, Members, Script, Variable } from '../../collection.ts';
import { saidOf } from '../../document/text.ts';
import { textOf } from '../../json/object.ts';
import type { FoundItem } from './known-entries.ts';
import { authText, codeOf, isScript } from './settings.ts';

/** Members that an existing item lacks. */
export type ItemMembers = {
  readonly scripts?: readonly Script[];
  readonly description?: string;
  readonly auth?: Auth;
  readonly variables?: readonly Variable[];
  readonly behavior?: Members;
};

/**
 * Compares an existing item with the same item of an added collection.
 *
 * @param onKept called for each kind of member that differs between both items: the existing one stays
 */
export function missingMembers(
  found: FoundItem,
  added: Item,
  onKept: (kind: string) => void,
): ItemMembers {
  const { item } = found.entry;
  const scripts = missingScripts(item.scripts, added.scripts, onKept);
  const variables = missingVariables(item.variables, added.variables, onKept);
  const description = missingText(saidOf(item), saidOf(added), () => onKept('descriptions'));
  const auth = missingAuth(found, added, () => onKept('auth'));
  const behavior = missingBehavior(item.behavior, added.behavior, () => onKept('settings'));
  return {
    ...(scripts.length > 0 && { scripts }),
    ...(variables.length > 0 && { variables }),
    ...(description !== undefined && { description }),
    ...(auth && { auth }),
    ...(behavior && { behavior }),
  };
}

/** Scripts for events for which the existing item has none. */
function missingScripts(
  there: readonly Script[],
  added: readonly Script[],
  onKept: (kind: string) => void,
): Script[] {
  return added.filter((script) => {
    if (!isScript(script)) return false;
    const same = there.filter((one) => one.listen === script.listen && isScript(one));
    if (same.length === 0) return true;
    if (!same.some((one) => codeOf(one).includes(codeOf(script)))) onKept('scripts');
    return false;
  });
}

function missingVariables(
  there: readonly Variable[],
  added: readonly Variable[],
  onKept: (kind: string) => void,
): Variable[] {
  const known = new Map(there.map((variable) => [variable.key, textOf(variable.value)]));
  return added.filter(({ key, value }) => {
    const before = known.get(key);
    if (before !== undefined && before !== textOf(value)) onKept('values of variables');
    return before === undefined;
  });
}

function missingText(
  there: string | undefined,
  added: string | undefined,
  onKept: () => void,
): string | undefined {
  if (added === undefined || there?.includes(added)) return undefined;
  if (there === undefined) return added;
  onKept();
  return undefined;
}

/** Credentials in a header or from a folder count too. */
function missingAuth({ entry, inherited }: FoundItem, added: Item, onKept: () => void) {
  const { auth } = added.request;
  const { request } = entry.item;
  if (auth === undefined || auth.type === 'noauth') return undefined;
  if (request.auth !== undefined) {
    if (authText(request.auth) !== authText(auth)) onKept();
    return undefined;
  }
  return inherited || request.headers.some(({ key }) => isAuthHeader(key ?? '')) ? undefined : auth;
}

/** Settings work together, so those of two items are not mixed. */
function missingBehavior(
  there: Members | undefined,
  added: Members | undefined,
  onKept: () => void,
): Members | undefined {
  if (added === undefined || there === undefined) return added;
  if (settingsText(there) !== settingsText(added)) onKept();
  return undefined;
}

function settingsText(behavior: Members): string {
  return JSON.stringify(Object.entries(behavior).sort(([a], [b]) => (a < b ? -1 : 1)));
}
