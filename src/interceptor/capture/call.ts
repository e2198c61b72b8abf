import type { WebRequestBody, WebRequestHeader } from './web-request.ts';

/** A call of the browser that has ended: one request, and its response or error. Redirects are calls of their own. */
export type Call = {
  /** That of {@link callId}; empty when the request goes on after this response. */
  readonly id: string;
  readonly tabId: number;
  /** The resource type of `chrome.webRequest`. */
  readonly type: string;
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly requestHeaders: readonly WebRequestHeader[];
  readonly requestBody?: WebRequestBody | undefined;
  readonly response?: CallResponse | undefined;
  /** `net::ERR_CONNECTION_REFUSED`. */
  readonly error?: string | undefined;
  /** The address of the server. */
  readonly ip?: string | undefined;
};

/** What a call is known by from its start: a redirect begins again under the same request id. */
export function callId(start: { readonly requestId: string; readonly timeStamp: number }): string {
  return `${start.requestId} ${start.timeStamp}`;
}

export type CallResponse = {
  readonly status: number;
  readonly statusLine: string;
  readonly headers: readonly WebRequestHeader[];
  /** When its head came. */
  readonly at: number;
};

/** A response body as `chrome.debugger` reads it: decoded. */
export type ResponseBody = { readonly body: string; readonly base64Encoded: boolean };

/** What the debugger adds to a call. */
export type CallBodies = {
  readonly response?: ResponseBody | undefined;
  /** The request body as text: the fields of a form in the order in which they were sent. */
  readonly postData?: string | undefined;
};
