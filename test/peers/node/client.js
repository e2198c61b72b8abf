import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';

function credentialsFor(scheme) {
  if (scheme === 'http') return grpc.credentials.createInsecure();
  const file = process.env.PEER_CA;
  return grpc.credentials.createSsl(file === undefined ? null : readFileSync(file));
}

/**
 * Makes every kind of call to <scheme>://<host>:<port>/<characters of a large message>, and prints what came of them as
 * JSON.
 */
export async function call(Echo, address) {
  const [scheme, host, large] = address.split(/:?\/+/);
  const options = { 'grpc.max_receive_message_length': -1 };
  const client = new Echo(host, credentialsFor(scheme), options);
  const zipped = { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };
  const zipping = new Echo(host, credentialsFor(scheme), { ...options, ...zipped });
  const seen = {
    unary: await metadata(client),
    error: await failure(client),
    down: await down(client),
    up: await up(client),
    both: await both(client),
    large: await same(client, 'x'.repeat(Number(large))),
    gzip: await same(zipping, 'compressible '.repeat(10_000)),
    broken: await broken(client),
  };
  client.close();
  zipping.close();
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

function unary(client, value, given = {}, options = {}) {
  const metadata = new grpc.Metadata();
  for (const [name, values] of Object.entries(given)) {
    for (const each of values) metadata.add(name, each);
  }
  return new Promise((resolve, reject) => {
    const seen = {};
    const call = client.Unary({ value }, metadata, options, (error, answer) => {
      if (error) reject(error);
      else seen.message = answer.value;
    });
    call.on('metadata', (head) => {
      seen.head = head;
    });
    call.on('status', (status) => setImmediate(() => resolve({ ...seen, status })));
  });
}

async function metadata(client) {
  const given = { 'some-bin': [Buffer.from([0, 1, 2, 255]), Buffer.from('plain')] };
  const { message, head, status } = await unary(client, 'hello ä', given);
  const binary = head.get('some-bin').map((value) => value.toString('base64'));
  return { message, binary, length: status.metadata.get('x-length')[0] };
}

async function failure(client) {
  const error = await unary(client, 'nobody', { fail: ['5'] }).catch((error) => error);
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  return { code: error.code, message: error.details, details: detailsIn(bytes) };
}

/** The texts in the details of a google.rpc.Status. */
function detailsIn(bytes) {
  const any = fieldsOf(bytes).filter(([number]) => number === 3);
  return any.map(([, value]) => {
    const [, [, text]] = fieldsOf(value);
    return String(fieldsOf(text)[0][1]);
  });
}

function fieldsOf(bytes) {
  const reader = protobuf.Reader.create(bytes);
  const fields = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    fields.push([tag >>> 3, (tag & 7) === 2 ? Buffer.from(reader.bytes()) : reader.int32()]);
  }
  return fields;
}

async function down(client) {
  const numbers = [];
  for await (const { value } of client.Down({ value: '2000' })) numbers.push(Number(value));
  return [numbers.length, numbers.reduce((sum, number) => sum + number, 0)];
}

function up(client) {
  return new Promise((resolve, reject) => {
    const call = client.Up((error, answer) => (error ? reject(error) : resolve(answer.value)));
    for (let i = 0; i < 5; i += 1) call.write({ value: String(i) });
    call.end();
  });
}

async function both(client) {
  const call = client.Both();
  const answers = [];
  for (let i = 0; i < 3; i += 1) {
    call.write({ value: `ping ${i}` });
    const [{ value }] = await once(call, 'data');
    answers.push(value);
  }
  call.end();
  for await (const { value } of call) answers.push(value);
  return answers;
}

/** Tells whether a message comes back as it was sent. */
async function same(client, value) {
  return (await unary(client, value)).message === value;
}

/** Lets one call time out and cancels another, which the server notices. */
async function broken(client) {
  const patient = await unary(client, 'deadline', {}, { deadline: Date.now() + 3_600_000 });
  const late = client.Down({ value: 'late' }, { deadline: Date.now() + 300 }).resume();
  const [tooLate] = await once(late, 'error');
  const before = await cancellations(client);
  const call = client.Down({ value: 'cancel' });
  await once(call, 'data');
  call.cancel();
  const [given] = await once(call, 'error');
  while ((await cancellations(client)) === before) await delay(10);
  return { deadline: patient.message, codes: [tooLate.code, given.code] };
}

async function cancellations(client) {
  return (await unary(client, 'cancellations')).message;
}
