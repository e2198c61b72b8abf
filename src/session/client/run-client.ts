import { describeError, type UserError } from '../../errors.ts';
import { homeFolder } from '../../home.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { HubNotice } from '../../hub/coordinator.ts';
import type { ClientOptions } from '../../options/client.ts';
import type { Log } from '../../terminal/log.ts';
import { visible } from '../../terminal/text.ts';
import type { CallMarks } from '../marks/call-marks.ts';
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
  const marks = await loadMarks(options, log);
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
    marksOf: marks?.marksOf,
    onNotice: noticeLogger(log),
    onFailure: (error) => fail(error),
  }).catch(async (error: unknown) => {
    await marks?.close();
    throw await portHint(error, 'client', options);
  });
  try {
    const { port, url, captureUrl: capture, token } = client;
    await readyFile.write({ pid: process.pid, port, url, capture, token });
    announce(client, options, log);
    await Promise.race([signals.first, broken]);
  } finally {
    await client.close();
    await marks?.close();
    await readyFile.remove();
    signals.finish();
  }
  return 0;
}

/** What compares calls is loaded only where something is compared. */
async function loadMarks(
  { mock, check, ignore }: ClientOptions,
  log: Log,
): Promise<CallMarks | undefined> {
  if (mock.length === 0 && check === undefined) return undefined;
  const { openCallMarks } = await import('../marks/call-marks.ts');
  const onFailure = (error: unknown) =>
    log.error({ err: error }, `A call could not be compared: ${describeError(error)}`);
  const marks = await openCallMarks({ mock, check, ignore }, onFailure);
  for (const warning of marks.warnings) log.warn({}, warning);
  return marks;
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
  const { mock, check } = options;
  const compared = [...new Set([...mock, ...(check === undefined ? [] : [check])])];
  if (compared.length > 0) log.info({ compared }, `Comparing calls with ${compared.join(', ')}`);
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
