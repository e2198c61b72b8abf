import { open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The kind of a program, as far as it explains why nothing was recorded. */
export type ProgramKind = 'go' | 'static' | 'other';

/** What Go puts into each program (debug/buildinfo). */
const GO_MARK = Buffer.from('\xff Go buildinf:', 'latin1');
const ELF = Buffer.from('\x7fELF', 'latin1');
const PT_INTERP = 3;
const mebibyte = 1024 * 1024;
const longest = 256 * mebibyte;

/**
 * Checks whether a command's file was built by Go, and whether it is linked statically, so that nothing can be loaded into
 * it.
 * @param command as typed; a name without a slash is searched for in `path`
 */
export async function programKind(command: string, path: string): Promise<ProgramKind> {
  const candidates = command.includes('/')
    ? [command]
    : path.split(delimiter).map((folder) => join(folder, command));
  for (const candidate of candidates) {
    const bytes = await beginning(candidate);
    if (bytes === undefined) continue;
    if (bytes.includes(GO_MARK)) return 'go';
    return bytes.subarray(0, 4).equals(ELF) && !hasInterpreter(bytes) ? 'static' : 'other';
  }
  return 'other';
}

async function beginning(path: string): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, longest));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } catch {
    // For a folder or a failing disk, the kind is unknown.
    return undefined;
  } finally {
    await file.close();
  }
}

// A program header of this type names the dynamic linker (elf(5)); of other widths and byte orders nothing is claimed.
function hasInterpreter(elf: Buffer): boolean {
  const is64LittleEndian = elf[4] === 2 && elf[5] === 1;
  if (!is64LittleEndian || elf.length < 64) return true;
  const start = Number(elf.readBigUInt64LE(32));
  const [size, count] = [elf.readUInt16LE(54), elf.readUInt16LE(56)];
  for (let at = start; at < start + size * count; at += size) {
    if (at + 4 > elf.length || elf.readUInt32LE(at) === PT_INTERP) return true;
  }
  return false;
}
