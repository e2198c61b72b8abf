import { expect, test } from 'vitest';
import { formats } from '../../src/exporters/index.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';

/** Too short or too uniform to be looked for elsewhere. */
const secrets = ['abc12de', 'XXXXXXXXXXXXXXXXXXXXXXXX'];

const recording = recordingOf([
  exchange({ url: `https://hooks.zapier.com/hooks/catch/123456/${secrets[0]}` }),
  exchange({ url: `https://hooks.slack.com/services/T00000000/B00000000/${secrets[1]}` }),
]);

test.each(Object.values(formats).map((exporter) => [exporter.id, exporter] as const))(
  'a secret that is recognised only by its place in a path is in no name (%s)',
  async (_, exporter) => {
    const pieces: string[] = [];
    const options = { name: 'recorded', secrets: 'redact' } as const;
    if ('render' in exporter) {
      for await (const chunk of exporter.render(recording, options)) pieces.push(String(chunk));
    } else {
      for await (const { path, chunks } of exporter.renderFiles(recording, options)) {
        pieces.push(path);
        for await (const chunk of chunks) pieces.push(String(chunk));
      }
    }
    expect(pieces.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(pieces.join('')).not.toContain(secret);
  },
);
