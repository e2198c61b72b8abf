/** The parts of a collection as they are written in version 2.1. */

type ItemHeader = { key: string; value: string; disabled?: true };

type QueryParameter = { key: string | null; value: string | null; disabled?: true };

/** The pattern of `:name` in a path. */
type PathVariable = { key: string; value: string; description?: string };

type ItemUrl = {
  raw: string;
  protocol?: string;
  auth?: { user: string; password?: string };
  host: string[];
  port?: string;
  path?: string[];
  query?: QueryParameter[];
  variable?: PathVariable[];
};

type FormParameter =
  | { key: string; value: string; type: 'text'; contentType?: string }
  | { key: string; type: 'file'; src: string | null; fileName: string; contentType: string };

type ItemBody =
  | { mode: 'raw'; raw: string; options: { raw: { language: string } } }
  | { mode: 'urlencoded'; urlencoded: { key: string; value: string }[] }
  | { mode: 'formdata'; formdata: FormParameter[] }
  | { mode: 'file'; file: { src: string } }
  | { mode: 'graphql'; graphql: { query: string; operationName?: string; variables?: string } };

export type ItemRequest = {
  method: string;
  header: ItemHeader[];
  body?: ItemBody;
  url: ItemUrl;
  /** What is around it says who asks, and is not meant. */
  auth?: { type: 'noauth' };
};

/** How the runner sends an item; the names are those of postman-runtime. */
export type Behavior = {
  disableBodyPruning?: true;
  disableCookies?: true;
  disableUrlEncoding?: true;
  disabledSystemHeaders?: Record<string, true>;
  followRedirects?: false;
};

type ItemCookie = {
  domain: string;
  expires?: string;
  hostOnly: boolean;
  httpOnly: boolean;
  maxAge?: string;
  name: string;
  path: string;
  secure: boolean;
  session: boolean;
  value: string;
};

export type Example = {
  id: string;
  name: string;
  originalRequest: ItemRequest;
  status: string;
  code: number;
  _postman_previewlanguage: string;
  header: ItemHeader[];
  cookie: ItemCookie[];
  body: string | null;
};
