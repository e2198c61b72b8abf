import { describeError, UserError } from '../../errors.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Log } from '../../terminal/log.ts';
import { counted, pushedLines } from '../../terminal/summary.ts';
import type { CommandRecording } from '../recording/command-recording.ts';
import type { ClientPage } from './messages.ts';
import { openPage } from './open-page.ts';

/** Logs the address of the page that shows what is pushed, and opens the page if that is wanted. */
export function showPage({ url }: ClientPage, opens: boolean, log: Log): void {
  log.info({ page: url }, `History: ${url}`);
  if (!opens) return;
  openPage(url).catch((cause: unknown) => {
    const why = describeError(cause).split('\n')[0] ?? '';
    const err = new UserError(why, { cause, hint: `Open it yourself: ${url}` });
    log.warn({ err }, `no browser could be opened (${why})`);
  });
}

/** How a sync ended. */
type SyncEnd = {
  readonly counts: CommandRecording['recorder']['counts'];
  /** Undefined when it is not known how far it came. */
  readonly delivery: Delivery | undefined;
  readonly page: ClientPage | undefined;
  readonly client: { readonly url: string };
};

/** Logs what was recorded, what the client has, and what becomes of the rest. */
export function logSummary({ counts, delivery, page, client }: SyncEnd, log: Log): void {
  const { recorded, incomplete: failed, filtered: filteredOut } = counts;
  const { delivered, undelivered } = delivery ?? { delivered: 0, undelivered: recorded };
  const summary = { recorded, failed, filteredOut, delivered, undelivered, client: client.url };
  for (const line of pushedLines(summary)) log.info({}, line);
  if (undelivered > 0) log.warn({ undelivered }, keptFor(undelivered));
  if (page && !page.stays && delivered > 0) {
    log.info({}, 'The history ended with its page. To keep one: pmproxy sync --history <folder>');
  }
}

function keptFor(count: number): string {
  const [were, them] = count === 1 ? ['was', 'it'] : ['were', 'them'];
  const what = `${counted(count, 'exchange')} ${were}`;
  return `${what} not delivered; the next pmproxy sync delivers ${them}.`;
}
