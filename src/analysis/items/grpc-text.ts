import type { GrpcCall, GrpcMessage } from '../../exchange.ts';

/** The messages of one side as readable JSON: a single message by itself, several as a list. */
export function messagesText(
  { messages }: GrpcCall,
  from: GrpcMessage['from'],
): string | undefined {
  const values = messages.filter((message) => message.from === from).map(valueOfMessage);
  if (values.length === 0) return undefined;
  return JSON.stringify(values.length === 1 ? values[0] : values, null, 2);
}

function valueOfMessage({ json, base64, note }: GrpcMessage): unknown {
  if (json !== undefined) return json;
  return { '@base64': base64, ...(note !== undefined && { '@note': note }) };
}

/** The status of a call, in a few words. */
export function statusText({ status }: GrpcCall): string | undefined {
  if (status === undefined) return undefined;
  const { name, message } = status;
  return message === undefined ? name : `${name}: ${message}`;
}

const PROTOCOLS = { grpc: 'gRPC', 'grpc-web': 'gRPC-Web', connect: 'Connect' } as const;

/** Explains that the item is not a real request: collections cannot represent a gRPC call. */
export function callNote(call: GrpcCall): string {
  const { protocol, service, method, messages, notes = [] } = call;
  const count = (from: GrpcMessage['from']) =>
    messages.filter((message) => message.from === from).length;
  return [
    `This is a ${PROTOCOLS[protocol]} call of ${service}/${method}, which this format cannot hold:`,
    'its body and its examples show the messages as JSON, and sending it as it stands here fails.',
    `It had ${count('client')} request and ${count('server')} response messages.`,
    ...notes,
  ].join(' ');
}
