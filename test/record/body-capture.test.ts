import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCode } from '../../src/errors.ts';
import { BodyCapture, spillBytes } from '../../src/record/body-capture.ts';
import { newFolder } from '../helpers/folder.ts';

/** What is told of a large body that comes to its end, in order; its file is in the place of something else if need be. */
async function told(isTaken: boolean): Promise<string[]> {
  const folder = await newFolder();
  if (isTaken) await mkdir(join(folder, '1.response'));
  const events: string[] = [];
  const capture = new BodyCapture('1.response', {
    folder,
    maxBytes: Number.POSITIVE_INFINITY,
    onPending: () => {},
    onError: (error) => events.push(errorCode(error) ?? error.message),
  });
  capture.add(Buffer.alloc(spillBytes + 1));
  await new Promise<void>((resolve) => {
    capture.finish(() => {
      events.push('done');
      resolve();
    });
  });
  return events.slice(0, events.indexOf('done') + 1);
}

test('a body that cannot be written is reported before it ends, so that no exchange refers to it', async () => {
  expect(await told(false)).toEqual(['done']);
  expect(await told(true)).toEqual(['EEXIST', 'done']);
});
