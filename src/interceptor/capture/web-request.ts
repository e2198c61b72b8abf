/**
 * What is read of the events of `chrome.webRequest`
 * (https://developer.chrome.com/docs/extensions/reference/api/webRequest). The names are Chromium's.
 */
type Event = {
  readonly requestId: string;
  /** -1 for a request without a tab, such as one of a service worker. */
  readonly tabId: number;
  readonly url: string;
  readonly method: string;
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly timeStamp: number;
};

/** A header line; a value that is not UTF-8 is bytes. */
export type WebRequestHeader = {
  readonly name: string;
  readonly value?: string | undefined;
  readonly binaryValue?: ArrayBuffer | readonly number[] | undefined;
};

/** A body: the fields of a form, or parts, of which files have no bytes. */
export type WebRequestBody = {
  readonly formData?: Readonly<Record<string, readonly FormValue[]>> | undefined;
  readonly raw?: readonly RawPart[] | undefined;
  readonly error?: string | undefined;
};
type FormValue = string | ArrayBuffer;
type RawPart = { readonly bytes?: ArrayBuffer | undefined; readonly file?: string | undefined };

type ResponseHead = Event & {
  readonly statusCode: number;
  /** `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  readonly responseHeaders?: readonly WebRequestHeader[] | undefined;
};

type Finish = { readonly ip?: string | undefined; readonly fromCache: boolean };

export type BeforeRequest = Event & { readonly requestBody?: WebRequestBody | null | undefined };
export type SendHeaders = Event & {
  readonly requestHeaders?: readonly WebRequestHeader[] | undefined;
};
export type HeadersReceived = ResponseHead;
export type BeforeRedirect = ResponseHead & Finish;
export type Completed = ResponseHead & Finish;
export type ErrorOccurred = Event & Finish & { readonly error: string };
