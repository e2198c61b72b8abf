import { type Call, type CallResponse, callId } from './call.ts';
import type {
  BeforeRedirect,
  BeforeRequest,
  Completed,
  ErrorOccurred,
  HeadersReceived,
  SendHeaders,
  WebRequestBody,
  WebRequestHeader,
} from './web-request.ts';

/** Puts the events of requests together. Each function takes the event of its name. */
export type CallTracker = {
  beforeRequest(event: BeforeRequest): void;
  sendHeaders(event: SendHeaders): void;
  headersReceived(event: HeadersReceived): void;
  beforeRedirect(event: BeforeRedirect): void;
  completed(event: Completed): void;
  errorOccurred(event: ErrorOccurred): void;
  /** Forgets the requests that have not ended. */
  clear(): void;
};

type OpenCall = {
  readonly id: string;
  startedAt: number;
  body: WebRequestBody | undefined;
  /** What was sent; undefined before. */
  sent: { readonly at: number; readonly headers: readonly WebRequestHeader[] } | undefined;
  response: CallResponse | undefined;
};

/** Long polls and event streams stay open; a browser does not have more of them. */
const maxOpen = 5000;

/**
 * Tracks requests until they end.
 *
 * @param isWanted asked when a request begins
 * @param onCall called with every call that ended
 */
export function createCallTracker(
  isWanted: (request: BeforeRequest) => boolean,
  onCall: (call: Call) => void,
): CallTracker {
  const open = new Map<string, OpenCall>();

  const end = (
    event: ErrorOccurred | BeforeRedirect | Completed | SendHeaders,
    call: OpenCall,
    response: CallResponse | undefined,
    id = call.id,
  ) => {
    onCall({
      id,
      tabId: event.tabId,
      type: event.type,
      method: event.method,
      url: event.url,
      startedAt: call.startedAt,
      sentAt: call.sent?.at ?? call.startedAt,
      endedAt: event.timeStamp,
      requestHeaders: call.sent?.headers ?? [],
      requestBody: call.body,
      response,
      error: 'error' in event ? event.error : undefined,
      ip: 'ip' in event ? event.ip : undefined,
    });
  };
  const finish = (event: BeforeRedirect | Completed) => {
    const call = open.get(event.requestId);
    if (call === undefined) return;
    open.delete(event.requestId);
    // HSTS and other extensions redirect without the network; nothing was sent.
    if (call.sent === undefined && isInternalRedirect(event)) return;
    end(event, call, responseOf(event, call.response?.at ?? event.timeStamp));
  };
  return {
    beforeRequest(event) {
      // After a redirect, a request begins again with the same id.
      open.delete(event.requestId);
      if (!isWanted(event)) return;
      const oldest = open.size >= maxOpen ? open.keys().next().value : undefined;
      if (oldest !== undefined) open.delete(oldest);
      open.set(event.requestId, {
        id: callId(event),
        startedAt: event.timeStamp,
        body: event.requestBody ?? undefined,
        sent: undefined,
        response: undefined,
      });
    },
    sendHeaders(event) {
      const call = open.get(event.requestId);
      if (call === undefined) return;
      // A request that is repeated with credentials, after a response with 401 or 407.
      if (call.response !== undefined) {
        end(event, call, call.response, '');
        call.startedAt = event.timeStamp;
        call.response = undefined;
      }
      call.sent = { at: event.timeStamp, headers: event.requestHeaders ?? [] };
    },
    headersReceived(event) {
      const call = open.get(event.requestId);
      if (call !== undefined) call.response = responseOf(event, event.timeStamp);
    },
    beforeRedirect: finish,
    completed: finish,
    errorOccurred(event) {
      const call = open.get(event.requestId);
      if (call === undefined) return;
      open.delete(event.requestId);
      end(event, call, call.response);
    },
    clear: () => open.clear(),
  };
}

function responseOf(event: HeadersReceived, at: number): CallResponse {
  const { statusCode, statusLine, responseHeaders } = event;
  return { status: statusCode, statusLine, headers: responseHeaders ?? [], at };
}

function isInternalRedirect({ statusCode, statusLine }: HeadersReceived): boolean {
  return statusCode === 307 && /Internal Redirect$/.test(statusLine);
}
