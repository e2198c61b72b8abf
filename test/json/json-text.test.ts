import { expect, test } from 'vitest';
import { jsonText } from '../../src/json/json-text.ts';
import { fc } from '../helpers/properties.ts';

const levels = 300_000;

test.each([
  ['arrays', '['.repeat(levels) + ']'.repeat(levels)],
  ['objects', `${'{"a":'.repeat(levels)}"\\u0000é\\""${'}'.repeat(levels)}`],
  ['both', `${'[{"a":1,"b":'.repeat(levels)}null${',"c":[]}]'.repeat(levels)}`],
])('JSON with 300,000 levels of %s is written unchanged', (_, json) => {
  expect(jsonText(JSON.parse(json)) === json).toBe(true);
});

test('a value is written as JSON.stringify writes it at any depth', () => {
  const around = (json: string) => '['.repeat(20_000) + json + ']'.repeat(20_000);
  fc.assert(
    fc.property(fc.json(), (json) => {
      const written = JSON.stringify(JSON.parse(json));
      expect(jsonText(JSON.parse(json))).toBe(written);
      expect(jsonText(JSON.parse(around(json))) === around(written)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
