import { expect, onTestFinished } from 'vitest';
import type { Exchange, RecordedResponse } from '../../src/exchange.ts';
import { responseOf } from '../../src/exchange.ts';
import {
  type Notice,
  type ProxyOptions,
  type RunningProxy,
  startProxy,
} from '../../src/proxy/index.ts';
import { compileFilters, everything } from '../../src/record/filters.ts';
import { Journal } from '../../src/record/journal.ts';
import { openJournal } from '../../src/record/journal-reader.ts';
import { createRecorder } from '../../src/record/recorder.ts';
import { eventually } from './eventually.ts';
import { newFolder } from './folder.ts';
import { upstreamAuthority } from './upstream.ts';

/** A proxy that records what passes into a journal; it is gone when the test is over. */
export type RecordingProxy = RunningProxy & {
  readonly notices: readonly Notice[];
  /** Waits until so many exchanges are in the journal and reads them, in order of arrival. */
  recorded(count: number): Promise<Exchange[]>;
  /** Waits until one exchange is in the journal and reads it. */
  onlyRecorded(): Promise<Exchange>;
};

let home: Promise<string> | undefined;

/** The home folder whose certificate authority all proxies of a test file share. */
export function sharedHome(): Promise<string> {
  home ??= newFolder();
  return home;
}

/** Starts a proxy on a free port that trusts {@link upstreamAuthority} and uses no other proxy. */
export async function recordingProxy(options: Partial<ProxyOptions> = {}): Promise<RecordingProxy> {
  const journal = await Journal.create(await newFolder(), { version: 'test', outputs: [] });
  const recorder = createRecorder({
    journal,
    filters: compileFilters(everything),
    maxBodyBytes: Number.POSITIVE_INFINITY,
    responses: true,
  });
  const notices: Notice[] = [];
  const proxy = await startProxy({
    port: 0,
    home: await sharedHome(),
    via: 'none',
    trust: [(await upstreamAuthority()).certPem],
    observer: recorder,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  onTestFinished(async () => {
    await proxy.close(0);
    await recorder.finish();
    await journal.remove();
    // An internal error is a failure even in a test that does not look at the request.
    expect(notices.filter(({ kind }) => kind === 'internal')).toEqual([]);
  });
  const recorded = async (count: number) => {
    await eventually(() => expect(recorder.counts.recorded).toBeGreaterThanOrEqual(count));
    return eventually(() => readAll(journal, count));
  };
  // Not spread: its counters are read afresh each time.
  return Object.assign(Object.create(proxy), {
    notices,
    recorded,
    onlyRecorded: async () => {
      const [exchange, ...others] = await recorded(1);
      expect(others).toEqual([]);
      return exchange as Exchange;
    },
  }) as RecordingProxy;
}

async function readAll(journal: Journal, count: number): Promise<Exchange[]> {
  await journal.flush();
  const reading = openJournal(journal.folder);
  onTestFinished(() => reading.close());
  expect(reading.size).toBeGreaterThanOrEqual(count);
  const exchanges: Exchange[] = [];
  for await (const exchange of reading.read()) exchanges.push(exchange);
  return exchanges;
}

/** The answer in an exchange's record; a test that has none fails. */
export function answerIn(exchange: Exchange): RecordedResponse {
  const response = responseOf(exchange.outcome);
  expect(response, JSON.stringify(exchange.outcome)).toBeDefined();
  return response as RecordedResponse;
}

/** The recorded bytes of a request or an answer, as Latin-1 text; empty when there are none. */
export async function bodyOf(message: { body?: Exchange['request']['body'] }): Promise<string> {
  return Buffer.from((await message.body?.bytes()) ?? []).toString('latin1');
}
