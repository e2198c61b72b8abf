import type { Recording } from '../exchange.ts';
import { callFinding, endpointFindings } from './endpoint-findings.ts';
import { type Finding, printable } from './finding.ts';
import { endpointsOf, gatherFacts } from './recording-facts.ts';

export type CompareOptions = {
  /** Whether to ignore a location. */
  readonly isIgnored?: (place: string) => boolean;
};

export type Comparison = {
  readonly findings: readonly Finding[];
  /** The number of calls. */
  readonly calls: { readonly old: number; readonly new: number };
};

/**
 * Compares two recordings by endpoint, as two runs of the same test suite. The order and number of calls, ids, dates, tokens
 * and the lengths of lists are ignored.
 *
 * @param yardstick the expected recording
 */
export async function compareRecordings(
  yardstick: Recording,
  fresh: Recording,
  { isIgnored = () => false }: CompareOptions = {},
): Promise<Comparison> {
  // Collections cannot contain WebSockets, so their absence says nothing.
  const webSockets = !yardstick.isDocument && !fresh.isDocument;
  const old = await gatherFacts(yardstick, { webSockets });
  const now = await gatherFacts(fresh, { webSockets });
  const [before, after] = endpointsOf(old, now);
  const findings: Finding[] = [];
  for (const [key, endpoint] of before) {
    const other = after.get(key);
    if (other === undefined) findings.push(callFinding('call gone', endpoint));
    else findings.push(...endpointFindings(endpoint, other));
  }
  for (const [key, endpoint] of after)
    if (!before.has(key)) findings.push(callFinding('call new', endpoint));
  return {
    findings: findings.filter(({ place }) => !isIgnored(place)).map(printable),
    calls: { old: old.calls, new: now.calls },
  };
}
