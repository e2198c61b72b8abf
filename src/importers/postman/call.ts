/** A saved request with one of its examples, in the terms of collections of every version; nothing is resolved yet. */
export type Call = {
  /** Where it stands in its collection, `item[0].item[2]`, for messages. */
  readonly path: string;
  readonly request: CallRequest;
  /** Absent where no example was saved. */
  readonly response?: CallResponse;
  readonly scope: Scope;
  /** Milliseconds since the epoch; 0 where the collection does not say. */
  readonly startedAt: number;
};

export type CallRequest = {
  readonly method: string;
  readonly url: string;
  /** Values of the `:name` segments of the path. */
  readonly pathVariables: readonly Field[];
  readonly headers: readonly Field[];
  readonly body?: CallBody;
  readonly auth?: Auth;
  /** The runner is told not to add a Content-Type of its own. */
  readonly plainType?: boolean;
};

export type Field = readonly [name: string, value: string];

export type CallBody =
  | { readonly mode: 'raw'; readonly text: string; readonly type?: string }
  | { readonly mode: 'urlencoded'; readonly fields: readonly Field[] }
  | { readonly mode: 'formdata'; readonly fields: readonly FormField[] }
  | { readonly mode: 'file'; readonly src: string }
  | {
      readonly mode: 'graphql';
      readonly query: string;
      readonly operationName?: string;
      readonly variables?: string;
    };

export type FormField = {
  readonly name: string;
  readonly contentType?: string;
  readonly fileName?: string;
  /** Its text, or the names of the files that are sent under it. */
  readonly value: string | readonly string[];
};

export type CallResponse = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Field[];
  readonly text?: string;
  readonly durationMs: number;
};

/** `basic`, `bearer` and so on, with what it needs by name. */
export type Auth = { readonly type: string; readonly values: ReadonlyMap<string, string> };

/** What holds for everything below a collection or a folder. */
export type Scope = {
  readonly variables: ReadonlyMap<string, string>;
  readonly auth?: Auth;
};

export const emptyScope: Scope = { variables: new Map() };

/** The scope of a folder: its own words first, then those around it. */
export function nested(outer: Scope, variables: readonly Field[], auth: Auth | undefined): Scope {
  const own = auth ?? outer.auth;
  return {
    variables:
      variables.length === 0 ? outer.variables : new Map([...outer.variables, ...variables]),
    ...(own && { auth: own }),
  };
}
