import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';

// google.rpc.Status: code, message, details; google.protobuf.Any: type_url, value.
const { Writer } = protobuf;

function statusBytes(code, message, detail) {
  const value = Writer.create().uint32(10).string(detail).finish();
  const any = Writer.create()
    .uint32(10)
    .string('type.googleapis.com/google.protobuf.StringValue')
    .uint32(18)
    .bytes(value)
    .finish();
  const status = Writer.create().uint32(8).int32(code).uint32(18).string(message);
  return Buffer.from(status.uint32(26).bytes(any).finish());
}

let cancellations = 0;

const echo = {
  Unary(call, answer) {
    const { metadata, request } = call;
    const [code] = metadata.get('fail');
    if (code !== undefined) {
      const trailers = new grpc.Metadata();
      const details = 'no: 100 % ä';
      trailers.set('grpc-status-details-bin', statusBytes(Number(code), details, 'why'));
      answer({ code: Number(code), details, metadata: trailers });
      return;
    }
    const head = new grpc.Metadata();
    for (const value of metadata.get('some-bin')) head.add('some-bin', value);
    call.sendMetadata(head);
    const trailers = new grpc.Metadata();
    trailers.set('x-length', String(Buffer.byteLength(request.value)));
    const values = {
      deadline: () => String(call.getDeadline() !== Number.POSITIVE_INFINITY),
      cancellations: () => String(cancellations),
    };
    const value = values[request.value]?.() ?? request.value;
    answer(null, { value }, trailers);
  },
  Down(call) {
    const { value } = call.request;
    if (!/^\d+$/.test(value)) {
      if (value === 'cancel') call.on('cancelled', () => (cancellations += 1));
      call.write({ value });
      return;
    }
    const count = Number(value);
    for (let i = 0; i < count; i += 1) call.write({ value: String(i) });
    call.end();
  },
  Up(call, answer) {
    const parts = [];
    call.on('data', ({ value }) => parts.push(value));
    call.on('end', () => answer(null, { value: parts.join(',') }));
  },
  Both(call) {
    call.on('data', (part) => call.write(part));
    call.on('end', () => call.end());
  },
};

/** Serves in clear text and over TLS, and prints both ports. */
export async function serve(Echo, certificate, key) {
  const pair = { cert_chain: readFileSync(certificate), private_key: readFileSync(key) };
  const listen = (credentials) =>
    new Promise((resolve, reject) => {
      const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
      server.addService(Echo.service, echo);
      server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  const clear = await listen(grpc.ServerCredentials.createInsecure());
  const tls = await listen(grpc.ServerCredentials.createSsl(null, [pair]));
  process.stdout.write(`${JSON.stringify({ clear, tls })}\n`);
  // The parent ends this program by closing its input.
  process.stdin.resume().on('end', () => process.exit());
}
