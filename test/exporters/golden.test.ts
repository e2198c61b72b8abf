import { expect, test } from 'vitest';
import { attachments } from '../helpers/collections.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { renderFormat } from '../helpers/scripts.ts';

const formats = [
  ['curl', 'hard.sh'],
  ['http', 'hard.http'],
  ['openapi', 'hard.openapi.yaml'],
] as const;

test.each(formats)('the hard recording in %s is the golden file %s', async (format, file) => {
  const { attach, files } = attachments();
  const render = () => renderFormat(format, hardRecording(), { name: 'hard', attach });
  const bytes = await render();
  await expect(bytes.toString()).toMatchFileSnapshot(`../../fixtures/golden/${file}`);
  expect(Buffer.from(bytes.toString())).toEqual(bytes);
  expect([...files.keys()].filter((name) => !bytes.includes(name))).toEqual([]);
  expect(await render()).toEqual(bytes);
});
