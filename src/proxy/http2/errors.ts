import { constants } from 'node:http2';

/** A stream that was closed before its answer was complete (RFC 9113 5.4.2). */
export class StreamReset extends Error {
  override name = 'StreamReset';
  readonly code: 'PMPROXY_PROTOCOL' | 'PMPROXY_RESET';
  /** The error code (RFC 9113 7). */
  readonly rstCode: number;
  /** The server requires HTTP/1.1 for the request. */
  readonly wantsHttp1: boolean;

  /** @param rstCode the server's code, or the one with which its bytes were refused */
  constructor(rstCode: number) {
    super(`the stream was closed with ${names[rstCode] ?? `code ${rstCode}`}`);
    this.rstCode = rstCode;
    this.wantsHttp1 = rstCode === constants.NGHTTP2_HTTP_1_1_REQUIRED;
    this.code = faults.has(rstCode) ? 'PMPROXY_PROTOCOL' : 'PMPROXY_RESET';
  }
}

/** The server violates HTTP/2, or reports that we do. */
const faults: ReadonlySet<number> = new Set([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
]);

/** The error codes of RFC 9113 7, by their numbers. */
const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];
