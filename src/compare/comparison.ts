import type { Recording } from '../exchange.ts';
import { conversationFindings } from './conversation-findings.ts';
import type { AnswerFacts, EndpointFacts } from './endpoint-facts.ts';
import { type Finding, printable, type Said } from './finding.ts';
import { endpointsOf, gatherFacts } from './recording-facts.ts';
import { setFindings } from './set-findings.ts';
import { shapeFindings } from './shape-findings.ts';

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

function callFinding(kind: 'call gone' | 'call new', endpoint: EndpointFacts): Finding {
  return { ...nameOf(endpoint), kind, place: '' };
}

function nameOf({ method, path, operation }: EndpointFacts) {
  return { method, path, ...(operation !== undefined && { operation }) };
}

function endpointFindings(old: EndpointFacts, now: EndpointFacts): Finding[] {
  const said: Said[] = [
    ...parameterFindings(old, now),
    ...setFindings('content type', 'request content type', old.bodyTypes, now.bodyTypes),
    ...shapeFindings('request', old.requestShape, now.requestShape),
    ...statusFindings(old, now),
  ];
  for (const [status, answers] of old.answers) {
    const others = now.answers.get(status);
    if (others) said.push(...answerFindings(`response ${status}`, answers, others));
  }
  if (old.conversation && now.conversation)
    said.push(...conversationFindings(old.conversation, now.conversation));
  return said.map((one) => ({ ...nameOf(old), ...one }));
}

/** Only what was always present can be missing, and only what was never present is new. */
function parameterFindings(old: EndpointFacts, now: EndpointFacts): Said[] {
  const gone = [...old.parameters].filter(
    ([name, count]) => count === old.count && !now.parameters.has(name),
  );
  const fresh = [...now.parameters].filter(([name]) => !old.parameters.has(name));
  return [
    ...gone.map(([place]): Said => ({ kind: 'parameter', place, old: 'sent' })),
    ...fresh.map(([place]): Said => ({ kind: 'parameter', place, new: 'sent' })),
  ];
}

/** Temporary answers: a server is busy, a client already has the content, a job is not done. */
const MOMENTARY = new Set([202, 304, 408, 425, 429, 502, 503, 504]);

function statusFindings(old: EndpointFacts, now: EndpointFacts): Said[] {
  const before = [...old.answers.keys()];
  const after = [...now.answers.keys()];
  // Documents contain requests without an answer.
  if (before.length === 0) return [];
  if (after.length === 0)
    return [{ kind: 'status', place: 'status', old: before.join(', '), new: 'no answer' }];
  const fresh = after.filter((status) => !before.includes(status) && status !== 304);
  const gone = before.filter((status) => !after.includes(status) && !MOMENTARY.has(status));
  if (fresh.length > 0 || gone.length > 0) {
    const [told, toldNow] = [gone.length > 0 ? gone : before, fresh.length > 0 ? fresh : after];
    return [{ kind: 'status', place: 'status', old: told.join(', '), new: toldNow.join(', ') }];
  }
  return requestStatusFindings(old, now);
}

/** The same request got statuses that are known for its endpoint, but new for this request. */
function requestStatusFindings(old: EndpointFacts, now: EndpointFacts): Said[] {
  for (const [key, statuses] of old.statuses) {
    const others = now.statuses.get(key);
    if (others === undefined) continue;
    const isNew = [...others].every((status) => !statuses.has(status) && status !== 304);
    if (isNew && ![...statuses].every((status) => MOMENTARY.has(status)))
      return [
        {
          kind: 'status',
          place: 'status',
          old: [...statuses].join(', '),
          new: [...others].join(', '),
        },
      ];
  }
  return [];
}

function answerFindings(place: string, old: AnswerFacts, now: AnswerFacts): Said[] {
  return [
    ...setFindings('content type', `${place} content type`, old.types, now.types),
    ...setFindings('redirect', `${place} Location`, old.redirects, now.redirects),
    ...setFindings('status', `${place} grpc-status`, old.grpcStatuses, now.grpcStatuses),
    ...shapeFindings(place, old.shape, now.shape),
  ];
}
