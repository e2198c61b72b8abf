/**
 * The second central type. A collection is a document that people maintain: requests as a person writes them, with variables,
 * auth, scripts, descriptions, disabled parts and examples, in folders. Nothing in it is resolved, decoded or encoded. This
 * file imports nothing.
 */

/** A collection, which can be read repeatedly; memory holds one item at a time. */
export type Collection = {
  /** Reads the collection in document order: its head, its folders and items, its end. */
  read(): AsyncIterable<CollectionEvent>;
};

/**
 * A collection event. Events between a folder or an item and its `end` belong to it; `begin` is the first
 * event and `finish` the last.
 */
export type CollectionEvent =
  | { readonly kind: 'begin'; readonly head: CollectionHead }
  | { readonly kind: 'folder'; readonly folder: Folder }
  | { readonly kind: 'item'; readonly item: Item }
  /** A WebSocket, complete: nothing belongs to it, and it has no `end`. */
  | { readonly kind: 'socket'; readonly socket: Socket }
  | { readonly kind: 'example'; readonly example: Example }
  /**
   * A call from which the item was made, for formats that ask for calls. `original` still contains secrets: types are
   * learned from it, but none of it is written.
   */
  | { readonly kind: 'call'; readonly call: RecordedCall; readonly original: RecordedCall }
  /** Ends the innermost item or folder; `scripts` are those known only after its examples. */
  | { readonly kind: 'end'; readonly scripts?: readonly Script[] }
  /** Collection variables known only at the end. */
  | { readonly kind: 'finish'; readonly variables?: readonly Variable[] };

/** JSON members that pmproxy does not read, by name. */
export type Members = Readonly<Record<string, unknown>>;

/** The formats that can hold the members in `extra`: those of the same family; none if families are mixed. */
export type Family = 'v1' | 'v2' | 'v3' | 'mixed';

/** Text, or `{content, type}` if it is not Markdown. */
export type Description = string | (Members & { readonly content: string });

/** Collection settings that apply to everything in it. */
export type CollectionHead = Owner & {
  readonly name: string;
  readonly family: Family;
  /** Made from a recording: its requests were sent as they are. */
  readonly recorded?: true;
  /** Members of `info` in v2. */
  readonly info?: Members;
};

/** A folder; its settings apply to everything in it. */
export type Folder = Owner & { readonly name: string };

/** The members that a collection, a folder and an item share. */
type Owner = {
  readonly id?: string;
  readonly description?: Description;
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  readonly variables: readonly Variable[];
  /** `protocolProfileBehavior`, with the names of postman-runtime. */
  readonly behavior?: Members;
  readonly extra?: Members;
};

/** A request with its metadata; its auth is that of the request. */
export type Item = Omit<Owner, 'auth'> & {
  readonly name: string;
  readonly request: ItemRequest;
  /** When it was sent or saved, in milliseconds since the epoch, if known. */
  readonly startedAt?: number;
};

/** A WebSocket: how to open it, and the messages to send. Only version 3 holds it as an item. */
export type Socket = {
  readonly id?: string;
  readonly name: string;
  readonly description?: Description;
  /** Of the scheme `ws` or `wss`, unless a variable hides it. */
  readonly url: ItemUrl;
  readonly headers: readonly Parameter[];
  readonly messages: readonly SocketMessage[];
  /** `settings`, with the names of version 3. */
  readonly behavior?: Members;
  readonly extra?: Members;
};

/** A message that a client can send. */
export type SocketMessage = {
  readonly name: string;
  readonly content: string;
  /** How `content` is written: `text`, `json`, `xml`, `html`, or as bytes in `hex` or `base64`. */
  readonly type: string;
  readonly extra?: Members;
};

/** A request as a person writes it. */
export type ItemRequest = {
  /** In capitals for handwritten requests, because runners send it so. */
  readonly method: string;
  readonly url: ItemUrl;
  readonly headers: readonly Parameter[];
  readonly body?: ItemBody;
  /** Absent if an enclosing folder or the collection defines it. */
  readonly auth?: Auth;
  readonly description?: Description;
  readonly extra?: Members;
};

/** A header, query parameter or form field. A query parameter without `=` has the value null. */
export type Parameter = {
  readonly key: string | null;
  readonly value: string | null;
  readonly disabled?: true;
  readonly description?: Description;
  readonly extra?: Members;
};

/** A URL: the text, and its parts if it was written in parts. Runners use the parts. */
export type ItemUrl = { readonly raw: string; readonly parts?: UrlParts };

export type UrlParts = {
  /** Without `://`. */
  readonly protocol?: string;
  readonly auth?: Members;
  /** Labels, joined by dots. */
  readonly host?: readonly string[];
  readonly port?: string;
  /** Segments without slashes; `:name` is a variable if `variables` contains it. */
  readonly path?: readonly string[];
  readonly query?: readonly Parameter[];
  readonly variables?: readonly Variable[];
  /** The fragment without `#`. */
  readonly hash?: string;
  readonly extra?: Members;
};

/** A variable of a collection, a folder, an item or a path. */
export type Variable = {
  readonly key: string;
  readonly value: unknown;
  readonly type?: string;
  readonly disabled?: true;
  readonly description?: Description;
  readonly extra?: Members;
};

export type ItemBody = (
  | { readonly mode: 'raw'; readonly text: string; readonly language?: string }
  | { readonly mode: 'urlencoded'; readonly fields: readonly Parameter[] }
  | { readonly mode: 'formdata'; readonly fields: readonly FormField[] }
  /** `src` is a file name; the file is not read. */
  | { readonly mode: 'file'; readonly src: string | null }
  | {
      readonly mode: 'graphql';
      readonly query: string;
      readonly operationName?: string;
      /** JSON as text, which may contain variables. */
      readonly variables?: string;
    }
  | { readonly mode: 'none' }
) & {
  readonly disabled?: true;
  /** Editor options other than the language. */
  readonly options?: Members;
  readonly extra?: Members;
};

/** A part of a multipart form: text, or names of files, which are not read. */
export type FormField = Parameter & {
  readonly type: 'text' | 'file';
  readonly src?: string | readonly string[] | null;
  readonly contentType?: string;
  readonly fileName?: string;
};

/** An auth helper: `basic`, `bearer` and so on with its attributes; `noauth` means no authentication. */
export type Auth = {
  readonly type: string;
  readonly attributes: readonly AuthAttribute[];
  readonly extra?: Members;
};

export type AuthAttribute = {
  readonly key: string;
  readonly value: unknown;
  readonly type?: string;
};

/** A script and its event: `prerequest`, `test`, or another one that is kept unchanged. */
export type Script = {
  readonly listen: string;
  readonly code: string;
  /** A media type. */
  readonly type?: string;
  readonly disabled?: true;
  /** Members of the script itself. */
  readonly script?: Members;
  readonly extra?: Members;
};

/** A saved response, and the request that it answers. */
export type Example = {
  readonly id?: string;
  readonly name: string;
  /** Absent if it is the item's request. */
  readonly request?: ItemRequest;
  readonly status: string;
  readonly code?: number;
  readonly headers: readonly Parameter[];
  readonly body?: string | null;
  /** `json`, `html` and so on. */
  readonly language?: string;
  readonly cookies?: readonly unknown[];
  /** From the request to the end of the response. */
  readonly durationMs?: number;
  readonly extra?: Members;
};

/** A request and its response as they crossed the wire; secret values are replaced by variables, nothing else is changed. */
export type RecordedCall = {
  readonly request: RecordedMessage & {
    readonly method: string;
    /** Absolute: scheme and authority without user and password, path and query as sent. */
    readonly url: string;
    /** `1.0`, `1.1` or `2.0`. */
    readonly httpVersion: string;
  };
  /** The response, complete or partial. */
  readonly response?: RecordedMessage & { readonly status: number; readonly statusText: string };
  /** Why there is no complete response: `failed: refused`, `aborted`, `unfinished`. */
  readonly fault?: string;
  /** Whether a name in double braces is a variable. Others were recorded literally. */
  isVariable(name: string): boolean;
};

/** The header lines of a message in wire order and case, as Latin-1 text, and its body. */
export type RecordedMessage = {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: RecordedBody;
  readonly trailers?: readonly (readonly [name: string, value: string])[];
};

/** The bytes of a body. They stay on disk until they are read. */
export type RecordedBody = {
  /** Bytes that crossed the wire. */
  readonly size: number;
  /** Content codings in the order in which they were applied, lower case. */
  readonly encoding: readonly string[];
  /** Set when fewer than `size` bytes were kept. */
  readonly cut?: true;
  bytes(): Promise<Uint8Array>;
};
