import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Session } from '../../sync/wire/protocol.ts';
import type { Log } from '../../terminal/log.ts';
import type {
  ClientPage,
  DeliveryOptions,
  DeliveryOrder,
  DeliveryReport,
  Notice,
  Stay,
} from './messages.ts';

/** The delivery of a journal to a client, in a thread of its own. */
export type RunningDelivery = {
  /** The client's page, once it is known. */
  readonly page: ClientPage | undefined;
  /** The proxy listens. */
  begin(session: Session): void;
  /** The journal has grown. */
  written(): void;
  /**
   * The journal is whole. Ends the thread, and the client if it is its own.
   *
   * @param graceMs how long to wait for the client
   * @param hurry ends the wait
   * @param staying how long a client of its own stays to be looked at; it does not when this is left out
   * @returns undefined when it is not known how far it came
   */
  finish(graceMs: number, hurry: AbortSignal, staying?: Staying): Promise<Delivery | undefined>;
};

export type Staying = {
  readonly stay: Stay;
  /** Ends it. */
  readonly until: Promise<unknown>;
  /** Told that it stays. */
  readonly onStay: () => void;
};

/**
 * Starts to deliver a journal.
 *
 * @param onPage told where the client's page is, if that is known
 */
export function startDelivery(
  options: DeliveryOptions,
  log: Log,
  onPage: (page: ClientPage) => void,
): RunningDelivery {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: options,
    ...(options.types && { transferList: [options.types] }),
  });
  const order = (message: DeliveryOrder) => worker.postMessage(message);
  let page: ClientPage | undefined;
  let delivery: Delivery | undefined;
  let onStay = () => {};
  const over = new Promise<void>((resolve) => {
    worker.on('message', (report: DeliveryReport) => {
      if (report.type === 'notice') write(log, report);
      else if (report.type === 'page') {
        page = report;
        onPage(report);
      } else if (report.type === 'staying') onStay();
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
    written: () => order({ type: 'written' }),
    async finish(graceMs, hurry, staying) {
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

function write(log: Log, { level, message, hint }: Notice): void {
  // The log shows the hint of a mistake that a person can mend.
  log[level](hint === undefined ? {} : { err: new UserError(message, { hint }) }, message);
}
