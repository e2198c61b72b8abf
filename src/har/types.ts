import type { Connection, Failure, GrpcCall, Timings, WebSocketRecord } from '../exchange.ts';

/**
 * The parts of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that pmproxy reads and writes. Facts without a
 * field go into fields that begin with an underscore, as the format prescribes.
 */
export type Har = {
  readonly log: {
    readonly version: '1.2';
    readonly creator: HarCreator;
    readonly pages?: readonly HarPage[];
    readonly entries: readonly HarEntry[];
    readonly comment?: string;
  };
};

type HarCreator = { readonly name: string; readonly version: string };

export type HarPage = {
  readonly startedDateTime: string;
  readonly id: string;
  readonly title: string;
  readonly pageTimings: object;
};

export type HarEntry = {
  readonly pageref?: string;
  /** ISO 8601 with milliseconds. */
  readonly startedDateTime: string;
  /** Milliseconds. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: object;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  readonly connection?: string;
  /** The exchange's id within its recording. */
  readonly _id?: string;
  readonly _outcome?: HarOutcome;
  /** Both ends of the connection, with their ports. */
  readonly _connection?: Connection;
  /** The times from which the durations in `timings` are computed. */
  readonly _timings?: Timings;
  /** `websocket`: Chromium then shows messages. */
  readonly _resourceType?: string;
  readonly _webSocket?: Omit<WebSocketRecord, 'messages'>;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
  /** The gRPC call that the entry represents. */
  readonly _grpc?: GrpcCall;
  /** The headers that pmproxy rewrote. */
  readonly _rewritten?: readonly string[];
  /** How the call compares with recordings; only between a proxy, a client and its pages. */
  readonly _marks?: readonly CallMark[];
};

/**
 * How a call compares with a recording: the recording answers it, the recording lacks it, or it differs from the calls that
 * the recording has of its endpoint.
 */
export type CallMark = {
  readonly kind: 'answered' | 'missed' | 'differs';
  /** What is missing or differs, a line each: as `pmproxy mock` or `pmproxy diff` words it. */
  readonly words: readonly string[];
};

/** How the exchange ended; absent in files of other programs. */
export type HarOutcome = {
  readonly kind: 'completed' | 'failed' | 'aborted' | 'unfinished';
  /** Only for a failed exchange. */
  readonly reason?: Failure;
};

export type HarNameValue = { readonly name: string; readonly value: string };

export type HarRequest = {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarNameValue[];
  readonly queryString: readonly HarNameValue[];
  readonly postData?: HarPostData;
  readonly headersSize: number;
  readonly bodySize: number;
  readonly _trailers?: readonly HarNameValue[];
};

export type HarPostData = {
  readonly mimeType: string;
  readonly params: readonly HarParam[];
  readonly text: string;
  /** For binary bytes; HAR 1.2 defines it only for responses. */
  readonly _encoding?: 'base64';
  /** The content codings that the bytes still have, the first applied first: requests are kept as they were sent. */
  readonly _codings?: readonly string[];
  /** Fewer bytes were kept than `bodySize` says. */
  readonly _cut?: true;
};

export type HarParam = {
  readonly name: string;
  readonly value?: string;
  readonly fileName?: string;
  readonly contentType?: string;
};

export type HarResponse = {
  /** 0 if there was no response, as in browsers. */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarNameValue[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  readonly bodySize: number;
  /** The error, as Chromium writes it. */
  readonly _error?: string;
  readonly _trailers?: readonly HarNameValue[];
  /** Interim responses (103 Early Hints) in order of arrival. */
  readonly _informational?: readonly HarInformational[];
};

type HarInformational = {
  readonly status: number;
  readonly headers: readonly HarNameValue[];
};

export type HarContent = {
  /** Decoded length in bytes. */
  readonly size: number;
  readonly compression?: number;
  readonly mimeType: string;
  /** The decoded body. */
  readonly text?: string;
  readonly encoding?: 'base64';
  /** The content codings that could not be removed, the first applied first. */
  readonly _codings?: readonly string[];
  /** Fewer bytes were kept than had come. */
  readonly _cut?: true;
};

export type HarCookie = {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
};

/** Milliseconds; -1 for what did not happen or is not known. */
export type HarTimings = {
  readonly blocked?: number;
  readonly dns?: number;
  readonly connect?: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
  readonly ssl?: number;
};

/** As browsers write them. */
export type HarWebSocketMessage = {
  readonly type: 'send' | 'receive';
  /** Seconds since the epoch. */
  readonly time: number;
  readonly opcode: number;
  /** Text, or base64 for every opcode but 1. */
  readonly data: string;
};
