import type { JsonSchema } from '../../analysis/schema/json-schema.ts';

/** The parts of an OpenAPI document (3.1.1, 4.8) that pmproxy writes. */
export type OpenApiDocument = {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly Server[];
  readonly security: readonly SecurityRequirement[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components?: {
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
};

/** A server; variables in its URL have single braces. */
export type Server = {
  readonly url: string;
  readonly variables?: Readonly<Record<string, { readonly default: string }>>;
};

export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query'; readonly name: string };

/** Operations by method in lower case. */
export type PathItem = { readonly servers?: readonly Server[] } & {
  readonly [method in Method]?: Operation;
};

export const METHODS = [
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
] as const;

export type Method = (typeof METHODS)[number];

export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly SecurityRequirement[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
  readonly example?: unknown;
};

/** Media types by essence. */
export type Content = Readonly<Record<string, MediaType>>;

export type MediaType = {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
  /** The encoding of multipart parts by name. */
  readonly encoding?: Readonly<Record<string, { readonly contentType: string }>>;
};

export type Response = { readonly description: string; readonly content?: Content };
