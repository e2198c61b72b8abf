import type {
  Exchange,
  GrpcCall,
  GrpcMessage,
  GrpcRecord,
  GrpcStatus,
  Outcome,
} from '../../exchange.ts';
import type { Secrets } from '../secrets.ts';

/** Replaces secrets, or only learns them. */
type Treatment = Pick<Secrets, 'text' | 'json'>;

/**
 * Returns the exchange with secret values in its gRPC messages and status replaced by variables. If a side was changed,
 * its raw bytes are omitted, because they would still contain the secret.
 */
export async function redactCall(exchange: Exchange, secrets: Treatment): Promise<Exchange> {
  if (exchange.grpc === undefined) return exchange;
  const call = await exchange.grpc.call();
  const messages = call.messages.map((message) => redactMessage(message, secrets));
  const isChanged = (from: GrpcMessage['from']) =>
    messages.some((message, at) => message !== call.messages[at] && message.from === from);
  const leftOut = new Set(call.leftOut);
  if (isChanged('client')) leftOut.add('request');
  if (isChanged('server')) leftOut.add('response');
  const redacted: GrpcCall = {
    ...call,
    ...(call.status && { status: redactStatus(call.status, secrets) }),
    messages,
    ...(call.notes && { notes: call.notes.map((note) => secrets.text(note)) }),
    ...(leftOut.size > 0 && { leftOut: [...leftOut] }),
  };
  const { request, outcome } = exchange;
  return {
    ...exchange,
    request: leftOut.has('request') ? withoutBytes(request) : request,
    outcome: leftOut.has('response') ? withoutAnswerBytes(outcome) : outcome,
    grpc: { call: async () => redacted },
  };
}

/** Passes every text of a call to the learner. */
export async function learnFromCall(grpc: GrpcRecord, learning: Treatment): Promise<void> {
  const { messages, status } = await grpc.call();
  for (const message of messages) redactMessage(message, learning);
  if (status) redactStatus(status, learning);
}

function redactMessage(message: GrpcMessage, secrets: Treatment): GrpcMessage {
  const { json, base64 } = message;
  if (json !== undefined) {
    const redacted = redactJson(json, secrets);
    return redacted === json ? message : { ...message, json: redacted };
  }
  if (base64 === undefined) return message;
  const redacted = secrets.text(base64);
  return redacted === base64 ? message : { ...message, base64: redacted };
}

function redactStatus(status: GrpcStatus, secrets: Treatment): GrpcStatus {
  const { message, details } = status;
  return {
    ...status,
    ...(message !== undefined && { message: secrets.text(message) }),
    ...(details && { details: details.map((detail) => redactJson(detail, secrets)) }),
  };
}

/** Returns the same value if nothing was replaced, and a string if a variable replaces a number. */
function redactJson(value: unknown, secrets: Treatment): unknown {
  const text = JSON.stringify(value);
  const redacted = secrets.json(text);
  if (redacted === text) return value;
  try {
    return JSON.parse(redacted);
  } catch {
    return redacted;
  }
}

function withoutBytes<T extends Exchange['request'] | NonNullable<AnswerOf>>(message: T): T {
  const { body } = message;
  if (body === undefined) return message;
  const left = { size: body.size, encoding: [], cut: true, bytes: async () => new Uint8Array() };
  return { ...message, body: left };
}

type AnswerOf = Extract<Outcome, { kind: 'completed' }>['response'];

function withoutAnswerBytes(outcome: Outcome): Outcome {
  if (outcome.kind === 'completed') {
    return outcome.response ? { ...outcome, response: withoutBytes(outcome.response) } : outcome;
  }
  return outcome.partial ? { ...outcome, partial: withoutBytes(outcome.partial) } : outcome;
}
