/** HTTP/2 by hand (RFC 9113), for what no client sends. */

/** A frame (RFC 9113 4.1); `length` only where it is to lie. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The client's connection preface with empty SETTINGS (RFC 9113 3.4). */
export const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(4, 0, 0),
]);

/**
 * The field block of a request (RFC 7541), without Huffman coding or the dynamic table.
 *
 * @param url absolute, in ASCII
 */
export function fieldBlock(method: 'GET' | 'POST', url: string): Buffer {
  const { protocol, host, pathname } = new URL(url);
  return Buffer.concat([
    Buffer.from([method === 'GET' ? 0x82 : 0x83, protocol === 'http:' ? 0x86 : 0x87]),
    Buffer.from([0x04, pathname.length]),
    Buffer.from(pathname),
    Buffer.from([0x01, host.length]),
    Buffer.from(host),
  ]);
}

/** HEADERS that end the request (a GET), or leave it open (a POST). */
export function headers(stream: number, method: 'GET' | 'POST', url: string): Buffer {
  return frame(1, method === 'GET' ? 5 : 4, stream, fieldBlock(method, url));
}

/** RST_STREAM with CANCEL. */
export function reset(stream: number): Buffer {
  return frame(3, 0, stream, Buffer.from([0, 0, 0, 8]));
}

/** A frame that ends its connection: DATA on stream 0 (RFC 9113 6.1). */
export const badFrame = frame(0, 0, 0, Buffer.alloc(4));
