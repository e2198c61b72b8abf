import { ignoredPlaces } from './calls/ignored.ts';
import { openRecordedCalls, type RecordedCalls } from './calls/recorded-calls.ts';
import { UserError } from './errors.ts';
import type { Recording } from './exchange.ts';
import { homeFolder } from './home.ts';
import { mockingProxy } from './mock/answerer.ts';
import { startProxy } from './proxy/index.ts';
import { openRecordings } from './session/inputs.ts';
import { requestsWithoutSecrets } from './session/shown-requests.ts';

export type MockOptions = {
  /** 0, a free port, unless said otherwise. */
  readonly port?: number;
  /** Listen address; 127.0.0.1 unless said otherwise. */
  readonly bind?: string;
  /** What becomes of a request that was not recorded: it is answered 502, or its server is asked. */
  readonly missing?: 'refuse' | 'forward';
  /** `recorded`: answers take as long as they did. At once unless said otherwise. */
  readonly timing?: 'none' | 'recorded';
  /** Give each recorded answer once; otherwise the last one comes again. */
  readonly once?: boolean;
  /** Headers, parameters and JSON paths (`$.items[].id`) that may differ. */
  readonly ignore?: readonly string[];
  /** pmproxy's home folder, where its certificate authority lives. */
  readonly home?: string;
};

/** A proxy that answers from recordings, in this process. */
export type RunningMock = {
  /** `http://127.0.0.1:41873`: set it as a proxy, or ask it directly in place of the recorded server. */
  readonly url: string;
  /** The PEM file that HTTPS clients must trust. */
  readonly ca: string;
  /** Requests that were answered from the recording until now. */
  readonly answered: number;
  /** Requests that were not recorded until now: each in words, with the nearest recorded call and what differs. */
  readonly missed: readonly string[];
  /** Recorded calls that nobody has asked for until now. */
  unasked(): { readonly method: string; readonly url: string }[];
  /** Stops it. */
  stop(): Promise<void>;
};

/**
 * Answers from recordings on a free port of this machine, as `pmproxy mock` does.
 *
 * @param recordings files and folders as `pmproxy mock` reads them, or what {@link startRecording} recorded
 * @throws UserError when one cannot be read or holds no call that was answered, or the port is taken
 */
export async function startMock(
  recordings: string | Recording | readonly string[],
  options: MockOptions = {},
): Promise<RunningMock> {
  const { port = 0, bind, missing = 'refuse', timing = 'none', once = false } = options;
  const paths = typeof recordings === 'string' ? [recordings] : recordings;
  const opened =
    'read' in paths ? { recordings: [paths], close: async () => {} } : await openRecordings(paths);
  try {
    const isIgnored = ignoredPlaces(options.ignore ?? []);
    const calls = await openRecordedCalls(opened.recordings, {
      isIgnored: ({ at }) => isIgnored(at),
      once,
    });
    if (calls.size === 0) throw new UserError('The recording holds no call that was answered.');
    return await start(calls, { port, bind, missing, timing, home: options.home }, opened.close);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

type Start = Required<Pick<MockOptions, 'port' | 'missing' | 'timing'>> & {
  readonly bind: string | undefined;
  readonly home: string | undefined;
};

async function start(
  calls: RecordedCalls,
  { port, bind, missing, timing, home = homeFolder() }: Start,
  close: () => Promise<void>,
): Promise<RunningMock> {
  const missed: string[] = [];
  let answered = 0;
  const mocking = mockingProxy({
    calls,
    missing,
    timing,
    hide: requestsWithoutSecrets(),
    onAnswered: () => (answered += 1),
    onMissed: (words) => missed.push(words),
  });
  const proxy = await startProxy({
    port,
    home,
    ...(bind !== undefined && { bind }),
    ...mocking,
  });
  proxy.warmUp();
  return {
    url: proxy.url,
    ca: proxy.authority.files.cert,
    get answered() {
      return answered;
    },
    missed,
    unasked: () => Array.from(calls.unasked(), ({ method, url }) => ({ method, url })),
    async stop() {
      await proxy.close(0);
      await close();
    },
  };
}
