import { describeError, type UserError } from '../../errors.ts';
import { homeFolder } from '../../home.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { HubNotice } from '../../hub/coordinator.ts';
import type { ClientOptions } from '../../options/client.ts';
import type { Log } from '../../terminal/log.ts';
import { visible } from '../../terminal/text.ts';
import { openLog } from '../open-log.ts';
import { portHint } from '../port-hint.ts';
import { prepareReadyFile } from '../ready-file.ts';
import { watchStopSignals } from '../signals.ts';
import { type RunningClient, startClient } from './running-client.ts';

/**
 * Runs a client of its own until a signal comes.
 *
 * @returns the exit code
 * @throws UserError when the client cannot listen, or its history can no longer be written
 */
export async function runClient(options: ClientOptions): Promise<number> {
  const { log } = openLog(options);
  const signals = watchStopSignals();
  const readyFile = await prepareReadyFile(options.readyFile);
  let fail: (error: UserError) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => {});
  const client = await startClient({
    ...options,
    home: homeFolder(),
    onNotice: noticeLogger(log),
    onFailure: (error) => fail(error),
  }).catch(async (error: unknown) => {
    throw await portHint(error, 'client', options);
  });
  try {
    const { port, url, captureUrl: capture, token } = client;
    await readyFile.write({ pid: process.pid, port, url, capture, token });
    announce(client, options, log);
    await Promise.race([signals.first, broken]);
  } finally {
    await client.close();
    await readyFile.remove();
    signals.finish();
  }
  return 0;
}

function announce(
  { url, captureUrl: capture, history }: RunningClient,
  { bind, ...options }: ClientOptions,
  log: Log,
): void {
  if (!isLoopback(bind)) {
    const words =
      'anyone who can reach this address and has the token can read everything, unencrypted';
    log.warn({ bind }, `listening on ${bind}: ${words}`);
  }
  const kept = options.history === undefined ? 'history until the end' : `history in ${history}`;
  log.info({ url, capture, history }, `Client at ${url} (${kept})`);
}

function noticeLogger(log: Log): (notice: HubNotice) => void {
  return (notice) => {
    if (notice.kind === 'failure') {
      log.error({ err: notice.error }, describeError(notice.error));
      return;
    }
    if (notice.kind === 'stalled') {
      log.debug({}, 'closed the connection of a page that had stopped reading');
      return;
    }
    const { name, id } = notice.session ?? { name: 'a proxy', id: undefined };
    const shown = visible(name);
    if (notice.kind === 'refused') {
      log.warn({ session: id, reason: notice.reason }, `refused ${shown}: ${notice.reason}`);
    } else log.info({ session: id }, `${shown} ${notice.kind}`);
  };
}
