import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Blob } from '../../src/record/blob.ts';
import { newFolder } from '../helpers/folder.ts';
import { fc, runs } from '../helpers/properties.ts';

const mb = 1024 * 1024;

async function newBlob(): Promise<Blob & { readonly path: string }> {
  const path = join(await newFolder(), 'bodies.bin');
  const blob = await Blob.open(path, 'new');
  onTestFinished(() => blob.close());
  return Object.assign(blob, { path });
}

/** Bodies that are put into a blob, and where they are. */
function putting(blob: Blob) {
  const places: { range: readonly [number, number]; body: Buffer }[] = [];
  return {
    put(length: number) {
      const body = Buffer.alloc(length, places.length + 1);
      places.push({
        range: blob.put([body.subarray(0, length >> 1), body.subarray(length >> 1)]),
        body,
      });
    },
    check() {
      for (const { range, body } of places) {
        const found = Buffer.alloc(body.length);
        expect(range[1]).toBe(body.length);
        expect(readSync(blob.file, found, 0, found.length, range[0])).toBe(body.length);
        expect(found.equals(body)).toBe(true);
      }
    },
  };
}

/** Writes what waits, and tells how. */
async function write(blob: Blob): Promise<'direct' | 'buffered'> {
  const batch = blob.take();
  if (batch.bytes > 256 * 1024) await blob.write(batch);
  else blob.writeSync(batch);
  batch.release();
  return batch.isDirect ? 'direct' : 'buffered';
}

/** The descriptors of a file that are open for direct writes. */
function directDescriptors(path: string): number[] {
  const isDirect = (fd: string) =>
    /^flags:\s+0?\d*[4567]\d{4}$/m.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  return readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path && isDirect(fd);
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('every body is where it was put, whatever the sizes of bodies and batches', async () => {
  const length = fc.oneof(fc.nat(5000), fc.nat(300_000), fc.constantFrom(0, 4096, (1.2 * mb) | 0));
  const batches = fc.array(fc.array(length, { maxLength: 12 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batches, async (steps) => {
      const blob = await newBlob();
      const { put, check } = putting(blob);
      for (const lengths of steps) {
        lengths.forEach(put);
        await write(blob);
      }
      check();
    }),
    { numRuns: runs(25) },
  );
});

test.runIf(process.platform === 'linux')(
  'large batches that follow each other bypass the page cache, small ones do not',
  async () => {
    const blob = await newBlob();
    const { put, check } = putting(blob);
    const how: string[] = [];
    for (const length of [1000, 2 * mb, 2 * mb + 1, 300_000, 1000, 1000, 2 * mb]) {
      put(length);
      how.push(await write(blob));
    }
    const expected = ['buffered', 'buffered', 'direct', 'direct', 'direct', 'buffered', 'buffered'];
    expect(how).toEqual(expected);
    check();
  },
);

test.runIf(process.platform === 'linux')(
  'where direct writes fail, the batch and all later ones are appended',
  async () => {
    const blob = await newBlob();
    const { put, check } = putting(blob);
    put(2 * mb + 5);
    await write(blob);
    put(32 * mb + 5);
    const [direct] = directDescriptors(blob.path);
    closeSync(direct ?? -1);
    // The same number, open for reading only.
    const opened = openSync(blob.path, 'r');
    expect(opened).toBe(direct);
    const before = process.memoryUsage().arrayBuffers;
    await write(blob);
    // Without a copy: memory may be what is short.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mb);
    put(2 * mb);
    expect(await write(blob)).toBe('direct');
    put(2 * mb);
    expect(await write(blob)).toBe('buffered');
    check();
  },
);

test.runIf(process.platform === 'linux')(
  'direct writes are tried again when there are descriptors again',
  async () => {
    const blob = await newBlob();
    const { put, check } = putting(blob);
    const limit = (count: string) =>
      execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${count}:`]);
    const before = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    limit('1024');
    onTestFinished(() => void limit(before ?? '1024'));
    const opened: number[] = [];
    const useUp = () => {
      for (;;) opened.push(openSync('/dev/null', 'r'));
    };
    put(2 * mb);
    expect(useUp).toThrow('EMFILE');
    await write(blob);
    for (const file of opened) closeSync(file);
    put(2 * mb);
    expect(await write(blob)).toBe('buffered');
    const now = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(now + 10_000);
    onTestFinished(() => void vi.restoreAllMocks());
    put(2 * mb);
    await write(blob);
    put(2 * mb);
    expect(await write(blob)).toBe('direct');
    check();
  },
);
