import { conversationFindings } from './conversation-findings.ts';
import type { AnswerFacts, EndpointFacts } from './endpoint-facts.ts';
import type { Finding, Said } from './finding.ts';
import { setFindings } from './set-findings.ts';
import { shapeFindings } from './shape-findings.ts';

/** The finding about an endpoint that only one recording has. */
export function callFinding(kind: 'call gone' | 'call new', endpoint: EndpointFacts): Finding {
  return { ...nameOf(endpoint), kind, place: '' };
}

function nameOf({ method, path, operation }: EndpointFacts) {
  return { method, path, ...(operation !== undefined && { operation }) };
}

/**
 * The differences between the calls of an endpoint and those of the same endpoint in the yardstick.
 *
 * @param isPart whether these are some of the calls, so that a status that they lack is no difference
 */
export function endpointFindings(
  old: EndpointFacts,
  now: EndpointFacts,
  isPart = false,
): Finding[] {
  const said: Said[] = [
    ...parameterFindings(old, now),
    ...setFindings('content type', 'request content type', old.bodyTypes, now.bodyTypes),
    ...shapeFindings('request', old.requestShape, now.requestShape),
    ...statusFindings(old, now, isPart),
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

function statusFindings(old: EndpointFacts, now: EndpointFacts, isPart: boolean): Said[] {
  const before = [...old.answers.keys()];
  const after = [...now.answers.keys()];
  // Documents contain requests without an answer.
  if (before.length === 0) return [];
  if (after.length === 0)
    return [{ kind: 'status', place: 'status', old: before.join(', '), new: 'no answer' }];
  const fresh = after.filter((status) => !before.includes(status) && status !== 304);
  const gone = isPart
    ? []
    : before.filter((status) => !after.includes(status) && !MOMENTARY.has(status));
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
