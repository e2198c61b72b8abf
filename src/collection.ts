/**
 * The second noun. A collection is a document that people keep: requests as a person writes them, with variables, auth,
 * scripts, descriptions, switched-off parts and examples, in folders. Nothing in it is resolved, decoded or encoded. This
 * file imports nothing.
 */

/** A collection, which can be read again; memory holds one item at a time. */
export type Collection = {
  /** Reads the collection in the order of the document: its head, its folders and items, its end. */
  read(): AsyncIterable<CollectionEvent>;
};

/**
 * A step through a collection. What lies between a folder or an item and its `end` belongs to it; `begin` is the first
 * event and `finish` the last.
 */
export type CollectionEvent =
  | { readonly kind: 'begin'; readonly head: CollectionHead }
  | { readonly kind: 'folder'; readonly folder: Folder }
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'example'; readonly example: Example }
  /**
   * A call that the item was made of, for formats that ask for calls. `original` still has its secrets: types are
   * learned from it, and nothing of it is written.
   */
  | { readonly kind: 'call'; readonly call: RecordedCall; readonly original: RecordedCall }
  /** Of the item or folder that began last; `scripts` are those that were only known when its examples had come. */
  | { readonly kind: 'end'; readonly scripts?: readonly Script[] }
  /** Variables of the collection that were only known at the end. */
  | { readonly kind: 'finish'; readonly variables?: readonly Variable[] };

/** JSON members by name that pmproxy does not read. */
export type Members = Readonly<Record<string, unknown>>;

/** Which formats can hold the members in `extra`: those of the family that they came from; none where they are mixed. */
export type Family = 'v1' | 'v2' | 'v3' | 'mixed';

/** Text, or `{content, type}` where it is not Markdown. */
export type Description = string | (Members & { readonly content: string });

/** What a collection says for everything in it. */
export type CollectionHead = Owner & {
  readonly name: string;
  readonly family: Family;
  /** It was made from a recording: its requests were sent as they are. */
  readonly recorded?: true;
  /** Members of `info` in v2. */
  readonly info?: Members;
};

/** A folder; what it says holds for everything in it. */
export type Folder = Owner & { readonly name: string };

/** What a collection, a folder and an item have in common. */
type Owner = {
  readonly id?: string;
  readonly description?: Description;
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  readonly variables: readonly Variable[];
  /** `protocolProfileBehavior`, by the names of postman-runtime. */
  readonly behavior?: Members;
  readonly extra?: Members;
};

/** A request and what belongs to it; its auth is that of the request. */
export type Item = Omit<Owner, 'auth'> & {
  readonly name: string;
  readonly request: ItemRequest;
  /** When it was sent or saved, in milliseconds since the epoch, where that is known. */
  readonly startedAt?: number;
};

/** A request as a person writes it. */
export type ItemRequest = {
  /** In capitals in what people wrote, because runners send it so. */
  readonly method: string;
  readonly url: ItemUrl;
  readonly headers: readonly Parameter[];
  readonly body?: ItemBody;
  /** Absent where a folder around it, or the collection, decides. */
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

/** A URL: the text, and the parts where it was written in parts. Runners go by the parts. */
export type ItemUrl = { readonly raw: string; readonly parts?: UrlParts };

export type UrlParts = {
  /** Without `://`. */
  readonly protocol?: string;
  readonly auth?: Members;
  /** Labels, joined by dots. */
  readonly host?: readonly string[];
  readonly port?: string;
  /** Segments without slashes; `:name` is a variable where `variables` has it. */
  readonly path?: readonly string[];
  readonly query?: readonly Parameter[];
  readonly variables?: readonly Variable[];
  /** What follows `#`. */
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
  /** `src` is the name of a file, which is not read. */
  | { readonly mode: 'file'; readonly src: string | null }
  | {
      readonly mode: 'graphql';
      readonly query: string;
      readonly operationName?: string;
      /** JSON as a text, in which variables may stand. */
      readonly variables?: string;
    }
  | { readonly mode: 'none' }
) & {
  readonly disabled?: true;
  /** Options of the editor beyond the language. */
  readonly options?: Members;
  readonly extra?: Members;
};

/** A part of a multipart form: text, or the names of files, which are not read. */
export type FormField = Parameter & {
  readonly type: 'text' | 'file';
  readonly src?: string | readonly string[] | null;
  readonly contentType?: string;
  readonly fileName?: string;
};

/** An auth helper: `basic`, `bearer` and so on with its attributes; `noauth` says that nobody asks. */
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

/** A script and the event that it listens to: `prerequest`, `test`, or another that is kept as it is. */
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

/** A saved response, and the request that it was the answer to. */
export type Example = {
  readonly id?: string;
  readonly name: string;
  /** Absent where it is that of the item. */
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
  /** Whether a name in double braces is a variable. Any other was recorded so. */
  isVariable(name: string): boolean;
};

/** The header lines of a message in wire order and case, as Latin-1 text, and its body. */
export type RecordedMessage = {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: RecordedBody;
  readonly trailers?: readonly (readonly [name: string, value: string])[];
};

/** The bytes of a body. They stay on disk until they are asked for. */
export type RecordedBody = {
  /** Bytes that crossed the wire. */
  readonly size: number;
  /** Content codings in the order in which they were applied, lower case. */
  readonly encoding: readonly string[];
  /** Set when fewer than `size` bytes were kept. */
  readonly cut?: true;
  bytes(): Promise<Uint8Array>;
};
