import type { CollectionEvent, RecordedCall } from '../../collection.ts';
import { type Exchange, type Outcome, responseOf } from '../../exchange.ts';
import { joinTarget, parseTarget } from '../../http/target.ts';
import { redactExchange } from '../../secrets/redact/recording.ts';
import type { ItemContext } from './item.ts';

type CallEvent = Extract<CollectionEvent, { kind: 'call' }>;

/** The call that an exchange recorded; a response that is not needed is reduced to its status. */
export async function callEvent(recorded: Exchange, context: ItemContext): Promise<CallEvent> {
  const { options, secrets, inPart } = context;
  const exchange =
    options.calls === 'all' ? recorded : { ...recorded, outcome: statusOnly(recorded.outcome) };
  const redacted = await redactExchange(exchange, secrets, { inPart });
  const { isVariable } = context;
  return {
    kind: 'call',
    call: callOf(redacted, isVariable),
    original: callOf(exchange, isVariable),
  };
}

/** The exchange without user and password in its URL: the client sent them as a header instead. */
export function withoutUserinfo(exchange: Exchange): Exchange {
  const target = parseTarget(exchange.request.url);
  if (target.userinfo === undefined) return exchange;
  const { userinfo: _, ...rest } = target;
  return { ...exchange, request: { ...exchange.request, url: joinTarget(rest) } };
}

function callOf(
  { request, outcome }: Exchange,
  isVariable: RecordedCall['isVariable'],
): RecordedCall {
  const response = responseOf(outcome);
  const fault = faultOf(outcome);
  return {
    request,
    ...(response && { response }),
    ...(fault !== undefined && { fault }),
    isVariable,
  };
}

function faultOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'completed') return undefined;
  return outcome.kind === 'failed' ? `failed: ${outcome.reason.kind}` : outcome.kind;
}

/** Response headers and bodies are not written; redacting them would be expensive. */
function statusOnly(outcome: Outcome): Outcome {
  const answer = responseOf(outcome);
  if (answer === undefined) return outcome;
  const { status, statusText, httpVersion } = answer;
  const bare = { status, statusText, httpVersion, headers: [] };
  return outcome.kind === 'completed'
    ? { ...outcome, response: bare }
    : { ...outcome, partial: bare };
}
