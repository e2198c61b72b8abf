import type { Auth, Folder, Script } from '../../collection.ts';
import { textOf } from '../../json/object.ts';
import type { Tree } from './tree.ts';

/**
 * The settings that a collection or folder applies to its contents: auth, scripts and settings, in normal form.
 *
 * @returns undefined if there are none
 */
export function settingsOf({
  auth,
  scripts,
  behavior,
}: Pick<Folder, 'auth' | 'scripts' | 'behavior'>): string | undefined {
  const written = scripts.filter(isScript).map(({ listen, code }) => [listen, codeOf({ code })]);
  if (!auth && written.length === 0 && !behavior) return undefined;
  return JSON.stringify([auth ? authText(auth) : null, written, behavior ?? null]);
}

/** Whether a script does anything. */
export function isScript({ code }: Script): boolean {
  return code.trim() !== '';
}

/** The code of a script without the white space and line breaks in which editors differ. */
export function codeOf({ code }: Pick<Script, 'code'>): string {
  return code.replaceAll('\r\n', '\n').trim();
}

/** An auth helper in normal form: its type and its attributes by name. */
export function authText({ type, attributes }: Auth): string {
  const pairs = attributes.map(({ key, value }) => [key, textOf(value)] as const);
  return JSON.stringify([type, pairs.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/**
 * Puts the added entries into a separate folder if their collection has settings for its contents that the existing
 * collection lacks. The folder then has these settings, and existing entries are not affected.
 */
export function inOwnFolder(there: Tree, added: Tree): Tree {
  const said = settingsOf(added.head);
  if (said === undefined || said === settingsOf(there.head)) return added;
  const { family, name, recorded: _, info: __, id: ___, ...own } = added.head;
  const head = { family, name, scripts: [], variables: [] };
  return { ...added, head, children: [{ folder: { name, ...own }, children: added.children }] };
}
