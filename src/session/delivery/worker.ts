import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import prettyMilliseconds from 'pretty-ms';
import { describeError } from '../../errors.ts';
import type { TypeSource } from '../../grpc/message-types.ts';
import { isLoopback } from '../../http/loopback.ts';
import { compileFilters, exchangeFilter } from '../../record/filters.ts';
import { deadlineSignal } from '../../sinks/sink.ts';
import { createEncoder, type Encoder } from '../../sync/push/encoding.ts';
import { Producer } from '../../sync/push/producer.ts';
import type { PushNotice } from '../../sync/push/push-notices.ts';
import { StreamView } from '../../sync/push/stream-view.ts';
import { readClientFile } from '../client/client-file.ts';
import { embedClient, knownPage } from '../client/embedded-client.ts';
import { readPushFilters } from '../client/push-filters.ts';
import type { RunningClient } from '../client/running-client.ts';
import type { CallMarks } from '../marks/call-marks.ts';
import type { ComparisonOptions } from '../marks/comparison-options.ts';
import { protoTypes } from '../proto-types.ts';
import type {
  DeliveryOptions,
  DeliveryOrder,
  DeliveryReport,
  SendNotice,
  Stay,
} from './messages.ts';
import { createTrafficBreak } from './traffic-break.ts';
import { deliverUndelivered, type PushOptions } from './undelivered.ts';

/**
 * The delivery thread. It encodes and sends exchanges, and runs the client if this process starts one, so that traffic does
 * not wait for any of these.
 */
async function deliver(port: MessagePort, options: DeliveryOptions): Promise<void> {
  yieldToTraffic();
  const report = (message: DeliveryReport) => port.postMessage(message);
  const sendNotice: SendNotice = (notice) => report({ type: 'notice', ...notice });
  const client = await embedClient(options, sendNotice);
  const url = client?.url ?? (await knownPage(options));
  const stays = client === undefined || options.embedded?.history !== undefined;
  if (url !== undefined) report({ type: 'page', url, stays });
  const marks = options.compared && (await sessionMarks(options.compared, sendNotice));
  const encoder = createEncoder(options, await typesOf(options), marks?.marksOf);
  const push = pushOptions(options, client?.token, encoder, sendNotice);
  const over = new AbortController();
  const undelivered = options.onlyThis
    ? undefined
    : deliverUndelivered(options.home, { ...push, sendNotice }, over.signal);
  let live: Producer | undefined;
  const streams = new StreamView(encoder, () => live?.transfer);
  const traffic = createTrafficBreak();

  async function finish(graceMs: number, stay: Stay): Promise<void> {
    const staying = client !== undefined && isToStay(client, stay) ? client : undefined;
    // A client that stays for its page has no deadline.
    const end = staying ? over.signal : deadlineSignal({ graceMs, hurry: over.signal });
    const slow = staying
      ? undefined
      : setTimeout(() => reportWait(graceMs, sendNotice), unnoticedMs);
    if (staying) {
      report({ type: 'staying' });
      if (stay === 'watched') void abandoned(staying, over.signal).then(() => over.abort());
    }
    try {
      report({ type: 'end', delivery: await live?.finish(end) });
    } catch {
      // A notice has already said why.
      report({ type: 'end', delivery: undefined });
    }
    clearTimeout(slow);
    if (staying && !over.signal.aborted) await once(over.signal, 'abort');
    over.abort();
    await undelivered;
    await client?.close();
    await marks?.close();
    report({ type: 'over' });
    port.close();
  }

  port.on('message', (order: DeliveryOrder) => {
    if (order.type === 'begin')
      live = new Producer({
        ...push,
        folder: options.folder,
        session: order.session,
        onViewable: () => streams.catchUp(),
        rest: traffic.rest,
      });
    else if (order.type === 'written') {
      traffic.passed();
      live?.written();
    } else if (order.type === 'streams') {
      void streams.take(order.news).finally(() => report({ type: 'streams taken' }));
    } else if (order.type === 'finish') void finish(order.graceMs, order.stay);
    else over.abort();
  });
}

function reportWait(graceMs: number, sendNotice: SendNotice): void {
  const grace = prettyMilliseconds(graceMs);
  const message = `Waiting for the client, up to ${grace}. Ctrl+C again does not wait.`;
  sendNotice({ level: 'info', message });
}

function isToStay({ isWatched }: RunningClient, stay: Stay): boolean {
  return stay === 'always' || (stay === 'watched' && isWatched);
}

/** A page that is reloaded is disconnected for a moment. */
const awayMs = 3000;

/** Waits until the client's page has been closed for a while. */
async function abandoned(client: RunningClient, signal: AbortSignal): Promise<void> {
  for (let away = 0; away < awayMs && !signal.aborted; away += lookMs) {
    await delay(lookMs);
    if (client.isWatched) away = 0;
  }
}

const lookMs = 250;

/** A shorter wait needs no explanation. */
const unnoticedMs = 500;

// On Linux, threads have priorities of their own. Elsewhere this would change the priority of the whole process.
function yieldToTraffic(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}

async function typesOf({ proto, types }: DeliveryOptions): Promise<TypeSource | undefined> {
  const files = await protoTypes(proto);
  if (types === undefined) return files;
  const { askedTypes } = await import('../../grpc/types-across-threads.ts');
  const { eitherTypes } = await import('../../grpc/reflected-types.ts');
  const asked = askedTypes(types);
  return files === undefined ? asked : eitherTypes(files, asked);
}

/** What compares calls is loaded only where something is compared. Traffic has long begun, so a failure is only said. */
async function sessionMarks(
  options: ComparisonOptions,
  sendNotice: SendNotice,
): Promise<CallMarks | undefined> {
  const { openCallMarks } = await import('../marks/call-marks.ts');
  const onFailure = (error: unknown) => {
    const message = `Calls could not be compared: ${describeError(error)}`;
    sendNotice({ level: 'error', message });
  };
  try {
    return await openCallMarks(options, onFailure);
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

function pushOptions(
  { client, home, onlyThis }: DeliveryOptions,
  embeddedToken: string | undefined,
  encoder: Encoder,
  sendNotice: SendNotice,
): PushOptions {
  const token = async () => {
    if (embeddedToken ?? client.token) return embeddedToken ?? client.token;
    // A restarted client has a new token.
    if (!isLoopback(client.hostname)) return undefined;
    return (await readClientFile(home, client.port))?.token;
  };
  return {
    url: client.url,
    token,
    encode: encoder.entry,
    compile: (filters) => exchangeFilter(compileFilters(readPushFilters(filters))),
    onNotice: (notice) => sendNotice(shown(notice, onlyThis)),
  };
}

/** The log line of a notice, with a hint. */
function shown(
  { kind, message }: PushNotice,
  onlyThis: DeliveryOptions['onlyThis'],
): Parameters<SendNotice>[0] {
  switch (kind) {
    case 'connected':
      return { level: 'info', message };
    case 'absent':
      return {
        level: 'warn',
        message,
        hint: onlyThis ? 'Try: pmproxy client' : 'Recorded calls wait on disk. Try: pmproxy client',
      };
    case 'token':
      return {
        level: 'warn',
        message,
        hint: 'Try: --token <token>, as in the address that the client printed',
      };
    default:
      return { level: 'warn', message };
  }
}

if (parentPort) await deliver(parentPort, workerData as DeliveryOptions);
