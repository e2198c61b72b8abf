import { crc32, deflateRawSync } from 'node:zlib';

/** A zip archive (APPNOTE.TXT, 4.3) of compressed files; their names may be anything. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const facts = factsOf(name, bytes, packed.length);
    const local = Buffer.concat([uint32(0x04034b50), facts, Buffer.from(name), packed]);
    const place = Buffer.concat([Buffer.alloc(10), uint32(offset)]);
    locals.push(local);
    centrals.push(Buffer.concat([uint32(0x02014b50), uint16(20), facts, place, Buffer.from(name)]));
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const count = uint16(centrals.length);
  const end = [uint32(0x06054b50), uint32(0), count, count, uint32(directory.length)];
  return Buffer.concat([...locals, directory, ...end, uint32(offset), uint16(0)]);
}

/** What both headers of a file have in common: version, flags, method, time, date, CRC, sizes, length of the name. */
function factsOf(name: string, bytes: Buffer, packedBytes: number): Buffer {
  const sizes = [uint32(crc32(bytes)), uint32(packedBytes), uint32(bytes.length)];
  const lengths = [uint16(Buffer.byteLength(name)), uint16(0)];
  const head = [uint16(20), uint16(0), uint16(8), uint16(0), uint16(33)];
  return Buffer.concat([...head, ...sizes, ...lengths]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
