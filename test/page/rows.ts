import type { Row } from '../../src/sync/wire/page-events.ts';

/** A row from what matters about it: a GET that was answered with JSON unless told otherwise. */
export function row(parts: Partial<Row> = {}): Row {
  return {
    n: 1,
    session: 'session',
    startedAt: 1_700_000_000_000,
    method: 'GET',
    url: 'https://api.test/',
    status: 200,
    outcome: 'completed',
    kind: 'json',
    size: 100,
    durationMs: 5,
    ...parts,
  };
}

/** Rows with these numbers. */
export function rows(numbers: readonly number[], parts: Partial<Row> = {}): Row[] {
  return numbers.map((n) => row({ ...parts, n }));
}
