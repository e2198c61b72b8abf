import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { Deadline, Sink } from '../../sinks/sink.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Session } from '../../sync/wire/protocol.ts';
import type { Log } from '../../terminal/log.ts';
import type { CommandRecording } from '../recording/command-recording.ts';
import type {
  ClientPage,
  DeliveryNotice,
  DeliveryOptions,
  DeliveryOrder,
  DeliveryReport,
  Stay,
} from './messages.ts';

/** The delivery of a journal to a client, in a thread of its own. */
export type RunningDelivery = Sink<Delivery | undefined> & {
  /** The client's page, once it is known. */
  readonly page: ClientPage | undefined;
  /** The proxy listens: from now on the journal is pushed as this session. */
  begin(session: Session): void;
  /**
   * Ends the thread, and the client if this process started it.
   *
   * @param staying how long such a client stays open; left out, it ends with the delivery
   * @returns how much was delivered; undefined when that is not known
   */
  finish(deadline: Deadline, staying?: Staying): Promise<Delivery | undefined>;
};

/** How long a client that this process started stays open after the delivery. */
export type Staying = {
  readonly stay: Stay;
  /** The client ends when this settles. */
  readonly until: Promise<unknown>;
  /** Called when the client stays. */
  readonly onStay: () => void;
};

/**
 * Starts to deliver a recording. A separate thread encodes and sends exchanges, so that traffic does not wait for either.
 *
 * @param onPage called with the client's page, if its address is known
 */
export function startDelivery(
  { journal, streams }: Pick<CommandRecording, 'journal' | 'streams'>,
  options: Omit<DeliveryOptions, 'folder'>,
  log: Log,
  onPage: (page: ClientPage) => void,
): RunningDelivery {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...options, folder: journal.folder } satisfies DeliveryOptions,
    ...(options.types && { transferList: [options.types] }),
  });
  const order = (message: DeliveryOrder) => worker.postMessage(message);
  journal.whenWritten(() => order({ type: 'written' }));
  let taken = () => {};
  streams.watch((news) => {
    order({ type: 'streams', news });
    return new Promise<void>((resolve) => {
      taken = resolve;
    });
  });
  let page: ClientPage | undefined;
  let delivery: Delivery | undefined;
  let onStay = () => {};
  const over = new Promise<void>((resolve) => {
    worker.on('message', (report: DeliveryReport) => {
      if (report.type === 'notice') write(log, report);
      else if (report.type === 'page') {
        page = report;
        onPage(report);
      } else if (report.type === 'streams taken') taken();
      else if (report.type === 'staying') onStay();
      else if (report.type === 'end') delivery = report.delivery;
      else resolve();
    });
    worker.on('error', (error) => {
      log.error({ err: error }, `a bug in pmproxy ended the delivery: ${error.message}`);
    });
    worker.once('exit', () => resolve());
  });
  return {
    get page() {
      return page;
    },
    begin: (session) => order({ type: 'begin', session }),
    async finish({ graceMs, hurry }, staying?: Staying) {
      const rush = () => order({ type: 'hurry' });
      onStay = staying?.onStay ?? onStay;
      order({ type: 'finish', graceMs, stay: staying?.stay ?? 'never' });
      void staying?.until.then(rush);
      if (hurry.aborted) rush();
      else hurry.addEventListener('abort', rush, { once: true });
      await over;
      hurry.removeEventListener('abort', rush);
      await worker.terminate();
      return delivery;
    },
  };
}

function write(log: Log, { level, message, hint }: DeliveryNotice): void {
  // The log shows the hint of a UserError.
  log[level](hint === undefined ? {} : { err: new UserError(message, { hint }) }, message);
}
