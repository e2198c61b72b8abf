/**
 * The central types. An exchange is one request and its outcome; it is the only type that
 * travels between the rooms. This file imports nothing.
 */

/** A header line as it crossed the wire: wire order, wire case, duplicates kept, Latin-1 values. */
export type Header = readonly [name: string, value: string];

/**
 * The stored part of a message body: the raw bytes that crossed the wire (transfer coding removed,
 * content coding unchanged). They stay on disk until they are read.
 */
export type Body = {
  /** Bytes that crossed the wire, whether or not all of them were kept. */
  readonly size: number;
  /** The content codings in the order in which they were applied (`Content-Encoding`), lower case. */
  readonly encoding: readonly string[];
  /** Set when fewer than `size` bytes were kept (`--max-body`). */
  readonly cut?: true;
  /** When the bytes arrived, recorded for calls of gRPC only. */
  readonly arrivals?: readonly Arrival[];
  /** Reads the kept bytes. */
  bytes(): Promise<Uint8Array>;
};

/** From this byte on, a body arrived at this time or later, in milliseconds since the start of the exchange. */
export type Arrival = readonly [offset: number, atMs: number];

export type RecordedRequest = {
  readonly method: string;
  /** Absolute URL: scheme and authority of the destination, path and query as sent. */
  readonly url: string;
  /** `1.0`, `1.1` or `2.0`, as used by the client. */
  readonly httpVersion: string;
  readonly headers: readonly Header[];
  /** Absent when the request announced no body. */
  readonly body?: Body;
  readonly trailers?: readonly Header[];
};

export type RecordedResponse = {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly headers: readonly Header[];
  readonly body?: Body;
  readonly trailers?: readonly Header[];
  /** Interim answers (103 Early Hints, 102 Processing) in order of arrival. */
  readonly informational?: readonly InformationalResponse[];
};

export type InformationalResponse = {
  readonly status: number;
  readonly headers: readonly Header[];
};

/** Why an upstream gave no complete answer. */
export const FAILURE_KINDS = [
  'refused', // no server listens
  'unknown-host', // the name does not resolve
  'unreachable', // no route, network down
  'tls', // handshake or certificate
  'timeout', // connected or connecting, but silent for too long
  'reset', // the connection broke off
  'protocol', // what came is not HTTP
  'loop', // the destination is pmproxy itself
  'other',
] as const;

/** Why there is no complete answer from the upstream. */
export type Failure = { readonly kind: (typeof FAILURE_KINDS)[number]; readonly message: string };

export type Outcome =
  /** Answered completely; the answer is absent if only requests are recorded. */
  | { readonly kind: 'completed'; readonly response?: RecordedResponse }
  /** No answer, or an incomplete one. */
  | { readonly kind: 'failed'; readonly reason: Failure; readonly partial?: RecordedResponse }
  /** The client disconnected. */
  | { readonly kind: 'aborted'; readonly partial?: RecordedResponse }
  /** The recording stopped first. */
  | { readonly kind: 'unfinished'; readonly partial?: RecordedResponse };

/** Milliseconds from the start of the exchange; steps that did not happen are absent. */
export type Timings = {
  /** An upstream connection was ready (about 0 when one was reused). */
  readonly connectedMs?: number;
  /** The request was sent completely. */
  readonly sentMs?: number;
  /** The head of the final answer arrived. */
  readonly headMs?: number;
  readonly endMs: number;
};

export type Connection = {
  /** The client's address and port, `127.0.0.1:54321`. */
  readonly client?: string;
  /** The address and port that answered, `93.184.216.34:443`; those of an upstream proxy if one is used. */
  readonly upstream?: string;
};

export type WebSocketMessage = {
  readonly from: 'client' | 'server';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** RFC 6455 11.8: 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** The payload, unmasked and decompressed. */
  readonly data: Uint8Array;
};

export type WebSocketRecord = {
  readonly count: number;
  /** Set if not all messages were kept. */
  readonly cut?: true;
  /** The close code and reason, if a close frame was seen. */
  readonly closed?: { readonly code: number; readonly reason: string };
  messages(): AsyncIterable<WebSocketMessage>;
};

/** A gRPC, gRPC-Web or Connect call, as decoded from its exchange. */
export type GrpcCall = {
  readonly protocol: 'grpc' | 'grpc-web' | 'connect';
  /** The full name of the service, `package.Service`. */
  readonly service: string;
  readonly method: string;
  /** Absent where the server sent none. */
  readonly status?: GrpcStatus;
  /** Client messages first, each side in order. */
  readonly messages: readonly GrpcMessage[];
  /** A message about what could not be read. */
  readonly notes?: readonly string[];
  /** The sides whose raw bytes are left out because they contain secrets. */
  readonly leftOut?: readonly ('request' | 'response')[];
};

export type GrpcStatus = {
  readonly code: number;
  /** `NOT_FOUND`, or `UNKNOWN` for a code that gRPC does not define. */
  readonly name: string;
  readonly message?: string;
  /** The details of a google.rpc.Status as JSON. */
  readonly details?: readonly unknown[];
};

export type GrpcMessage = {
  readonly from: 'client' | 'server';
  /** When its last byte arrived, in milliseconds since the epoch; absent if that was not recorded. */
  readonly at?: number;
  /** The full name of its type, if known. */
  readonly type?: string;
  /** The message in the JSON mapping of Protocol Buffers; by field number if its type is unknown. */
  readonly json?: unknown;
  /** The bytes that could not be read. */
  readonly base64?: string;
  /** A note for the reader. */
  readonly note?: string;
};

/** What is known of an exchange that is a gRPC call. */
export type GrpcRecord = {
  /** Reads the messages from the bodies. Never throws because of their content. */
  call(): Promise<GrpcCall>;
};

export type Exchange = {
  /** Unique within its recording. */
  readonly id: string;
  /** Order of arrival, from 1; filtered exchanges leave gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly request: RecordedRequest;
  readonly outcome: Outcome;
  readonly timings: Timings;
  readonly connection: Connection;
  readonly webSocket?: WebSocketRecord;
  readonly grpc?: GrpcRecord;
  /** The headers that pmproxy set in transit because the client had marked them (`filter`). */
  readonly rewritten?: readonly string[];
};

/**
 * Exchanges on disk, which can be read repeatedly and in any order; memory holds only their positions.
 * Two passes suffice to group identical requests without keeping them in memory.
 */
export type Recording = {
  /** The number of exchanges. */
  readonly size: number;
  /** Still being recorded, and readable once; reading ends when the recording does. */
  readonly live?: true;
  /** The calls of a collection, which cannot contain everything that crossed the wire: no WebSockets. */
  readonly isDocument?: true;
  /**
   * Reads the exchanges in order of arrival, or those at the given positions (0 is the first to
   * arrive) in the order given.
   */
  read(places?: Iterable<number>): AsyncIterable<Exchange>;
};

/** Selects exchanges. */
export type Filter = (exchange: Exchange) => boolean;

/** The answer in an outcome, complete or partial. */
export function responseOf(outcome: Outcome): RecordedResponse | undefined {
  return outcome.kind === 'completed' ? outcome.response : outcome.partial;
}

/** The values of all header lines with this name, in order. `name` is lower case. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** The value of the first header line with this name (lower case), if there is one. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The events of the proxy, as the relay reports them. Only the recorder listens. */
export type Observer = {
  /** The head of a request has arrived. Without a returned tap nothing more is reported about it. */
  begin(request: RequestHead): Tap | undefined;
  /** True while the data waiting for the disk exceeds a fixed limit: the relay then pauses its streams. */
  readonly congested: boolean;
  /** Calls back once, when the disk has caught up. */
  onceDrained(resume: () => void): void;
  /** The proxy stops and aborts open exchanges, whose taps need not be called. */
  stop(): void;
};

export type RequestHead = Omit<RecordedRequest, 'body' | 'trailers'> & {
  readonly startedAt: number;
  readonly client?: string;
  readonly rewritten?: readonly string[];
};

export type ResponseHead = Omit<RecordedResponse, 'body' | 'trailers' | 'informational'>;

/**
 * One exchange in transit. The relay does not copy chunks and does not change them while they are held (body-memory.ts): whoever
 * needs a chunk after the call holds it.
 */
export type Tap = {
  requestChunk(chunk: Uint8Array): void;
  requestTrailers(trailers: readonly Header[]): void;
  connected(upstream: string | undefined): void;
  requestSent(): void;
  informational(response: InformationalResponse): void;
  response(head: ResponseHead): void;
  responseChunk(chunk: Uint8Array): void;
  responseTrailers(trailers: readonly Header[]): void;
  webSocketMessage(message: WebSocketMessage): void;
  /** The rest of one direction cannot be read; it is forwarded anyway. */
  webSocketUnreadable(): void;
  /** The exchange is over; called exactly once, last. */
  end(ending: Ending): void;
};

export type Ending =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly reason: Failure }
  | { readonly kind: 'aborted' };
