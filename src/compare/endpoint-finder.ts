import { addFacts, type EndpointFacts, emptyFacts } from './endpoint-facts.ts';
import { type CallFacts, type RecordingFacts, templatesOf } from './recording-facts.ts';

/** The paths of an endpoint: a segment, `*` for any id, or `:` for any text. */
type Pattern = {
  readonly segments: readonly string[];
  readonly facts: EndpointFacts;
};

/**
 * Finds the endpoint that a call belongs to, among those of a recording that was read before.
 *
 * @returns a function that returns undefined for a call of no such endpoint
 */
export function endpointFinder(
  recording: RecordingFacts,
): (call: CallFacts) => EndpointFacts | undefined {
  const isOneHost = recording.hosts.size === 1;
  const patterns = patternsOf(recording, isOneHost);
  const seen = new Set<string>();
  // As between two recordings, a single host that has changed counts as the same.
  const hostOf = ({ host }: CallFacts) => {
    seen.add(host);
    return isOneHost && (recording.hosts.has(host) || seen.size === 1) ? '' : host;
  };
  return (call) => {
    const sent = call.path.split('/');
    const rough = call.facts.path.split('/');
    const fits = ({ segments }: Pattern) =>
      segments.every((segment, at) => {
        if (segment === ':') return true;
        return segment === (segment === '*' ? rough[at] : sent[at]);
      });
    return patterns.get(keyOf(call.facts, hostOf(call), sent))?.find(fits)?.facts;
  };
}

/** The patterns by method, host, operation and number of segments, those with the most fixed segments first. */
function patternsOf(
  recording: RecordingFacts,
  isOneHost: boolean,
): ReadonlyMap<string, readonly Pattern[]> {
  const endpoints = new Map<string, EndpointFacts>();
  const patterns = new Map<string, Map<string, Pattern>>();
  const hostKey = (host: string) => (isOneHost ? '' : host);
  const templateOf = templatesOf([recording], hostKey);
  for (const { host, paths, facts } of recording.roughEndpoints.values()) {
    const template = templateOf(host, paths);
    const shown = isOneHost ? template : `${host}${template}`;
    const { method, operation } = facts;
    const name = [method, hostKey(host), template.replace(/:[^/]+/g, ':'), operation].join('\n');
    const endpoint = endpoints.get(name) ?? emptyFacts(method, shown, operation);
    endpoints.set(name, endpoint);
    addFacts(endpoint, facts);
    const segments = patternOf(template, facts.path);
    const key = keyOf(facts, hostKey(host), segments);
    const alike = patterns.get(key) ?? new Map<string, Pattern>();
    patterns.set(key, alike.set(segments.join('/'), { segments, facts: endpoint }));
  }
  return new Map([...patterns].map(([key, alike]) => [key, [...alike.values()].sort(byFixed)]));
}

/** A parameter whose values were ids does not stand for a word. */
function patternOf(template: string, rough: string): string[] {
  const ids = rough.split('/');
  return template.split('/').map((segment, at) => {
    if (!segment.startsWith(':')) return segment;
    return ids[at] === '*' ? '*' : ':';
  });
}

function keyOf(
  { method, operation = '' }: EndpointFacts,
  host: string,
  { length }: readonly string[],
): string {
  return [method, host, operation, length].join('\n');
}

function byFixed(one: Pattern, other: Pattern): number {
  const open = ({ segments }: Pattern) => segments.filter((text) => /^[*:]$/.test(text)).length;
  return open(one) - open(other);
}
