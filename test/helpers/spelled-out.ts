import type { Body, Exchange, Recording } from '../../src/exchange.ts';

/** An exchange with its bodies and messages read, so that two can be compared. */
export async function spelledOut(exchange: Exchange) {
  const { request, outcome, webSocket } = exchange;
  const answer = outcome.kind === 'completed' ? outcome.response : outcome.partial;
  const messages: unknown[] = [];
  for await (const { data, ...message } of webSocket?.messages() ?? [])
    messages.push({ ...message, data: Buffer.from(data).toString('base64') });
  return {
    ...exchange,
    request: { ...request, body: await bodyOf(request.body) },
    outcome: {
      ...outcome,
      response: undefined,
      partial: undefined,
      answer: answer && { ...answer, body: await bodyOf(answer.body) },
    },
    webSocket: webSocket && { ...webSocket, messages },
  };
}

async function bodyOf(body: Body | undefined) {
  return body && { ...body, bytes: Buffer.from(await body.bytes()).toString('base64') };
}

/** All exchanges of a recording, spelled out. */
export async function allSpelledOut(recording: Recording) {
  const list: Awaited<ReturnType<typeof spelledOut>>[] = [];
  for await (const exchange of recording.read()) list.push(await spelledOut(exchange));
  return list;
}
