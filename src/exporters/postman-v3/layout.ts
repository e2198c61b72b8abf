/** A request's file and those of its examples; names are without endings. */
export type RequestPaths = {
  readonly name: string;
  readonly path: string;
  readonly examples: readonly NamedPath[];
  /** Of a WebSocket. */
  readonly messages: readonly NamedPath[];
};

/** A file, and its name without its ending. */
export type NamedPath = { readonly name: string; readonly path: string };

/** The contents of one folder of a collection. */
export type FolderContent = {
  /** The names of the folders in it. */
  readonly names: readonly string[];
  readonly requests: readonly RequestPaths[];
};

const DEFINITION_PATH = /^(.*\/)?\.resources\/definition\.yaml$/s;
const REQUEST_PATH = /^(.*\/)?([^/]+)\.request\.yaml$/s;
const OWN_PATH =
  /^(.*\/)?\.resources\/([^/]+)\.resources\/(?:examples\/([^/]+)\.example|messages\/([^/]+)\.message)\.yaml$/s;

/**
 * Groups the paths of a collection v3 by folder, in alphabetical order.
 *
 * @returns contents by path, which ends in a slash; the path of the collection itself is empty
 */
export function foldersIn(paths: Iterable<string>): Map<string, FolderContent> {
  const folders = new Map<string, { names: string[]; requests: RequestPaths[] }>();
  const owned = new Map<string, { examples: NamedPath[]; messages: NamedPath[] }>();
  const folderAt = (path: string) => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const made = { names: [], requests: [] };
    folders.set(path, made);
    const [, parent = '', name] = /^(.*\/)?([^/]+)\/$/s.exec(path) ?? [];
    if (name !== undefined) folderAt(parent).names.push(name);
    return made;
  };
  const ownedBy = (path: string) => {
    const known = owned.get(path) ?? { examples: [], messages: [] };
    owned.set(path, known);
    return known;
  };

  for (const path of [...paths].sort()) {
    const own = OWN_PATH.exec(path);
    const definition = DEFINITION_PATH.exec(path);
    const request = REQUEST_PATH.exec(path);
    if (own !== null) {
      const [, folder = '', name = '', example, message] = own;
      const { examples, messages } = ownedBy(`${folder}${name}.request.yaml`);
      if (example !== undefined) examples.push({ name: example, path });
      if (message !== undefined) messages.push({ name: message, path });
    } else if (definition !== null) {
      folderAt(definition[1] ?? '');
    } else if (request !== null && !path.includes('.resources/')) {
      const [, folder = '', name = ''] = request;
      folderAt(folder).requests.push({ name, path, ...ownedBy(path) });
    }
  }
  return folders;
}
