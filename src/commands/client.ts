import { rm } from 'node:fs/promises';
import { describeError, type UserError } from '../errors.ts';
import { homeFolder } from '../home.ts';
import { isLoopback } from '../http/loopback.ts';
import type { HubNotice } from '../hub/coordinator.ts';
import { withDashes } from '../options/arguments.ts';
import { type ClientOptions, clientOptions, readClientOptions } from '../options/client.ts';
import { type RunningClient, startClient } from '../session/client/running-client.ts';
import { openLog } from '../session/open-log.ts';
import { portHint } from '../session/port-hint.ts';
import { writeReadyFile } from '../session/ready-file.ts';
import { watchStopSignals } from '../session/signals.ts';
import type { Log } from '../terminal/log.ts';
import { visible } from '../terminal/text.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';

/** `pmproxy client`: the running client that `pmproxy sync` pushes to. */
export const clientCommand: CommandModule = {
  wrapsCommand: false,
  declare(command) {
    command
      .description(
        'Shows the calls that proxies push (`pmproxy sync`) in a live page, and adds them to ' +
          'collections.',
      )
      .addHelpText('after', examples);
    for (const option of groupedOptions({ 'The client': clientOptions })) command.addOption(option);
  },
  normalise: (args, command) => withDashes(args, command.options),
  run: client,
};

const examples = `
Examples:
  pmproxy client                       then, in another terminal: pmproxy sync
  pmproxy client --history ~/history   go on with the same history next time`;

async function client({ given }: CommandCall): Promise<number> {
  const options = readClientOptions(given);
  const { log } = openLog(options);
  const signals = watchStopSignals();
  // One that a killed process left behind would be believed.
  if (options.readyFile !== undefined) await rm(options.readyFile, { force: true });
  let fail: (error: UserError) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => {});
  const running = await startClient({
    ...options,
    home: homeFolder(),
    onNotice: noticeLogger(log),
    onFailure: (error) => fail(error),
  }).catch(async (error: unknown) => {
    throw await portHint(error, 'client', options);
  });
  try {
    await announce(running, options, log);
    await Promise.race([signals.first, broken]);
  } finally {
    await running.close();
    if (options.readyFile !== undefined) await rm(options.readyFile, { force: true });
    signals.finish();
  }
  return 0;
}

async function announce(
  { url, port, captureUrl, token, history }: RunningClient,
  { bind, readyFile, ...options }: ClientOptions,
  log: Log,
): Promise<void> {
  if (readyFile !== undefined) {
    const ready = { pid: process.pid, port, url, capture: captureUrl, token };
    await writeReadyFile(readyFile, ready);
  }
  if (!isLoopback(bind)) {
    const words =
      'anyone who can reach this address and has the token can read everything, unencrypted';
    log.warn({ bind }, `listening on ${bind}: ${words}`);
  }
  const kept = options.history === undefined ? 'history until the end' : `history in ${history}`;
  log.info({ url, capture: captureUrl, history }, `Client at ${url} (${kept})`);
}

function noticeLogger(log: Log): (notice: HubNotice) => void {
  return (notice) => {
    if (notice.kind === 'failure') {
      log.error({ err: notice.error }, describeError(notice.error));
      return;
    }
    if (notice.kind === 'stalled') {
      log.debug({}, 'a page that took nothing any more was cut off');
      return;
    }
    const { name, id } = notice.session ?? { name: 'a proxy', id: undefined };
    const shown = visible(name);
    if (notice.kind === 'refused') {
      log.warn({ session: id, reason: notice.reason }, `refused ${shown}: ${notice.reason}`);
    } else log.info({ session: id }, `${shown} ${notice.kind}`);
  };
}
