import { expect, test } from 'vitest';
import { attachments, renderText } from '../helpers/collections.ts';
import { hardRecording } from '../helpers/hard-recording.ts';

test('the hard recording is written as in the golden file', async () => {
  const { attach, files } = attachments();
  const text = await renderText(hardRecording(), { name: 'hard', attach });
  await expect(text).toMatchFileSnapshot('../../fixtures/golden/hard.postman_collection.json');
  expect([...files.keys()].sort()).toMatchInlineSnapshot(`
    [
      "197ba38a0041fd3e.json",
      "40aff2e9d2d8922e-photo_1.png",
      "40aff2e9d2d8922e.bin",
      "59b271ae1bbcb1d3.plain",
      "728512625fe83ac5.bin",
      "83c3129c5c4203b0.json",
      "dafd66c0b98965e6.plain",
    ]
  `);
  expect(await renderText(hardRecording(), { name: 'hard', attach })).toBe(text);
});
