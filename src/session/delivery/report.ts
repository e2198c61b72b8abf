import { describeError, UserError } from '../../errors.ts';
import type { ProxyOptions } from '../../options/proxy.ts';
import type { RunningProxy } from '../../proxy/index.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Log } from '../../terminal/log.ts';
import { counted, pushedLines } from '../../terminal/summary.ts';
import { openPage } from '../open-page.ts';
import type { CommandRecording } from '../recording.ts';
import { bindWarning } from '../run.ts';
import type { ClientPage } from './messages.ts';

/** Says where the proxy is, and whom to trust. */
export function announce(
  { url, authority }: RunningProxy,
  options: ProxyOptions,
  wraps: boolean,
  log: Log,
): void {
  bindWarning(options, log);
  const ca = authority.files.cert;
  log.info({ proxy: url, ca }, `Recording through ${url}`);
  // A command of ours is told whom to trust.
  if (!wraps) log.info({}, `For HTTPS, clients must trust ${ca}. Ctrl+C stops.`);
}

/** Says where the page is that shows what is pushed, and opens it if that is asked for. */
export function showPage({ url }: ClientPage, opens: boolean, log: Log): void {
  log.info({ page: url }, `History: ${url}`);
  if (!opens) return;
  openPage(url).catch((cause: unknown) => {
    const why = describeError(cause).split('\n')[0] ?? '';
    const err = new UserError(why, { cause, hint: `Open it yourself: ${url}` });
    log.warn({ err }, `no browser could be opened (${why})`);
  });
}

/** What a sync came to. */
export type SyncEnd = {
  readonly counts: CommandRecording['recorder']['counts'];
  /** Undefined when it is not known how far it came. */
  readonly delivery: Delivery | undefined;
  readonly page: ClientPage | undefined;
  readonly client: { readonly url: string };
};

/** Sums up: what was recorded, what the client has, and what becomes of the rest. */
export function sumUp({ counts, delivery, page, client }: SyncEnd, log: Log): void {
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

/** After a failure: what was recorded stays, for whoever syncs next. */
export async function settle({ journal, recorder }: CommandRecording, log: Log): Promise<void> {
  if (recorder.counts.recorded === 0) {
    await journal.remove().catch(() => {});
    return;
  }
  if (journal.isGone) return;
  const message = 'What was recorded is kept; the next pmproxy sync delivers it.';
  log.warn({ journal: journal.folder }, message);
}
