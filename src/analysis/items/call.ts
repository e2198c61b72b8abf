import type { CollectionEvent, RecordedCall } from '../../collection.ts';
import { type Exchange, type Outcome, responseOf } from '../../exchange.ts';
import { joinTarget, parseTarget } from '../../http/target.ts';
import { redactExchange } from '../../secrets/redact/recording.ts';
import type { ItemContext } from './item.ts';

type CallEvent = Extract<CollectionEvent, { kind: 'call' }>;

/** The call that an exchange was; of a response that nobody asks for there is the status only. */
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

/** The exchange without the user and password of its URL: what crossed the wire is the header that the client made of them. */
export function withoutUserinfo(exchange: Exchange): Exchange {
  const { userinfo, ...target } = parseTarget(exchange.request.url);
  if (userinfo === undefined) return exchange;
  return { ...exchange, request: { ...exchange.request, url: joinTarget(target) } };
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

/** What comes in answers is not written; to redact it would cost much. */
function statusOnly(outcome: Outcome): Outcome {
  const answer = responseOf(outcome);
  if (answer === undefined) return outcome;
  const { status, statusText, httpVersion } = answer;
  const bare = { status, statusText, httpVersion, headers: [] };
  return outcome.kind === 'completed'
    ? { ...outcome, response: bare }
    : { ...outcome, partial: bare };
}
