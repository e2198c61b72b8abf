import { expect, test } from 'vitest';
import { openRecordedCalls } from '../../src/calls/recorded-calls.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';

test('one call of a long recording is superseded by a later recording', async () => {
  const many = Array.from({ length: 130_000 }, (_, at) => exchange({ url: `http://a.test/${at}` }));
  const later = [exchange({ url: 'http://a.test/7' })];
  const calls = await openRecordedCalls([recordingOf(many), recordingOf(later)]);
  expect([calls.size, calls.superseded]).toEqual([130_000, 1]);
}, 120_000);
