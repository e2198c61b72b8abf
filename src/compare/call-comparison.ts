import type { Exchange, Recording } from '../exchange.ts';
import type { CompareOptions } from './comparison.ts';
import { endpointFinder } from './endpoint-finder.ts';
import { callFinding, endpointFindings } from './endpoint-findings.ts';
import { type Finding, printable } from './finding.ts';
import { factsOfCall, gatherFacts } from './recording-facts.ts';

/** Compares one call at a time with a recording. Returns the findings about that call. */
export type CallComparison = (exchange: Exchange) => Promise<readonly Finding[]>;

/**
 * Reads a recording with which single calls are compared while they come. A call is judged by itself: by the calls of its
 * endpoint in the yardstick, and by no other call that comes.
 *
 * @param yardstick the expected recording, which is read once
 */
export async function openCallComparison(
  yardstick: Recording,
  { isIgnored = () => false }: CompareOptions = {},
): Promise<CallComparison> {
  // Collections cannot contain WebSockets, so their absence says nothing.
  const options = { webSockets: !yardstick.isDocument };
  const endpointOf = endpointFinder(await gatherFacts(yardstick, options));
  return async (exchange) => {
    const call = await factsOfCall(exchange, options);
    if (call === undefined) return [];
    const endpoint = endpointOf(call);
    const findings =
      endpoint === undefined
        ? [callFinding('call new', call.facts)]
        : endpointFindings(endpoint, call.facts, true);
    return findings.filter(({ place }) => !isIgnored(place)).map(printable);
  };
}
