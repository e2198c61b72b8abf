import { type Exchange, type Header, headerValue } from '../exchange.ts';
import { mediaTypeOf } from '../http/media-type.ts';

/** How the messages of a body are framed and written. */
export type Wire = {
  readonly protocol: 'grpc' | 'grpc-web' | 'connect';
  /** `unary`: the body is one message without a frame. */
  readonly framing: 'frames' | 'unary';
  /** The encoding of messages: `proto`, `json`, or a server's own name. */
  readonly codec: string;
  /** The body is base64 (gRPC-Web text). */
  readonly isText: boolean;
  /** The header that names how messages are compressed. */
  readonly encodingHeader?: string;
};

/**
 * Reads the format of a body from the headers of its request or response.
 *
 * The media types are those of gRPC over HTTP/2 ("Content-Type"), of gRPC-Web ("Protocol differences") and of Connect.
 * `application/json` is Connect only with the Connect header, and is otherwise plain HTTP.
 *
 * @returns undefined for other protocols
 */
export function wireOf(headers: readonly Header[]): Wire | undefined {
  const essence = mediaTypeOf(headerValue(headers, 'content-type') ?? '');
  const [, kind, codec = 'proto'] =
    /^application\/(grpc-web-text|grpc-web|grpc|connect)(?:\+(.+))?$/.exec(essence) ?? [];
  switch (kind) {
    case 'grpc':
    case 'grpc-web':
    case 'grpc-web-text':
      return {
        protocol: kind === 'grpc' ? 'grpc' : 'grpc-web',
        framing: 'frames',
        codec,
        isText: kind === 'grpc-web-text',
        encodingHeader: 'grpc-encoding',
      };
    case 'connect':
      return {
        protocol: 'connect',
        framing: 'frames',
        codec,
        isText: false,
        encodingHeader: 'connect-content-encoding',
      };
  }
  const isConnect = headerValue(headers, 'connect-protocol-version') !== undefined;
  if (essence === 'application/proto' || (isConnect && essence === 'application/json')) {
    const unary = essence === 'application/proto' ? 'proto' : 'json';
    return { protocol: 'connect', framing: 'unary', codec: unary, isText: false };
  }
  return undefined;
}

/**
 * The service and the method in a URL (gRPC over HTTP/2, "Path"): its last two segments, because a prefix may precede
 * them.
 *
 * @returns undefined if the path has fewer segments
 */
export function methodOf(
  url: string,
): { readonly service: string; readonly method: string } | undefined {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const segments = path.split('/');
  const method = segments.at(-1);
  const service = segments.at(-2);
  if (!method || !service) return undefined;
  return { service: percentDecoded(service), method: percentDecoded(method) };
}

/** Whether an exchange is a gRPC, gRPC-Web or Connect call, by its request's media type and path. */
export function isCall({ request }: Exchange): boolean {
  return wireOf(request.headers) !== undefined && methodOf(request.url) !== undefined;
}

/** Decodes percent-encoded UTF-8 (gRPC over HTTP/2, "Percent-Encoded"); malformed text stays. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return bytes.toString();
}

/** The bytes of a gRPC-Web text body: base64, in pieces that may each be padded. */
export function bytesOfWebText(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1');
  const pieces = text.match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
}
