import type { Body, Exchange, Outcome } from '../../exchange.ts';

/** The same exchange with empty bodies, marked as cut. */
export function withoutBodies({ webSocket, ...exchange }: Exchange): Exchange {
  return {
    ...exchange,
    request: withoutBody(exchange.request),
    outcome: outcomeWithoutBody(exchange.outcome),
    ...(webSocket && { webSocket: { ...webSocket, cut: true, messages: none } }),
  };
}

function outcomeWithoutBody(outcome: Outcome): Outcome {
  if (outcome.kind === 'completed') {
    const { response } = outcome;
    return response ? { ...outcome, response: withoutBody(response) } : outcome;
  }
  return outcome.partial ? { ...outcome, partial: withoutBody(outcome.partial) } : outcome;
}

function withoutBody<T extends { readonly body?: Body }>(message: T): T {
  const { body } = message;
  if (body === undefined) return message;
  return { ...message, body: { ...body, cut: true, bytes: async () => new Uint8Array() } };
}

async function* none() {}
