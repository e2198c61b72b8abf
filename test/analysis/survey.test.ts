import { expect, test } from 'vitest';
import type { Survey, SurveyOptions } from '../../src/analysis/survey/survey.ts';
import { surveyRecording } from '../../src/analysis/survey/survey-recording.ts';
import type { Exchange } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

const OPTIONS = { dedupe: true, restrictedHeaders: false };

/** Under way from `from` to `to`, milliseconds. */
function during(from: number, to: number, path: string, parts: ExchangeParts = {}): Exchange {
  const made = exchange({ url: `http://api.test${path}`, ...parts });
  return { ...made, startedAt: 1_700_000_000_000 + from, timings: { endMs: to - from } };
}

async function surveyOf(exchanges: readonly Exchange[], options: SurveyOptions): Promise<Survey> {
  const { surveys } = await surveyRecording(recordingOf(exchanges), [options]);
  return surveys[0]!;
}

async function pathsOf(exchanges: readonly Exchange[]): Promise<string[]> {
  const { order } = await surveyOf(exchanges, OPTIONS);
  return order.map((place) => exchanges[place]!.request.url.replace('http://api.test', ''));
}

test('concurrent requests are put in the same order, whichever came first', async () => {
  const one = [during(0, 5, '/'), during(10, 50, '/b'), during(11, 40, '/a'), during(12, 60, '/c')];
  const two = [during(0, 5, '/'), during(10, 50, '/c'), during(11, 40, '/a'), during(13, 60, '/b')];
  expect(await pathsOf(one)).toEqual(['/', '/a', '/b', '/c']);
  expect(await pathsOf(two)).toEqual(['/', '/a', '/b', '/c']);
});

test('a request that was sent after a response stays after that request', async () => {
  expect(await pathsOf([during(0, 10, '/b'), during(10, 20, '/a')])).toEqual(['/b', '/a']);
  expect(await pathsOf([during(0, 900, '/b'), during(500, 600, '/a')])).toEqual(['/b', '/a']);
});

test('an identical request whose response issues a needed value is repeated at its own time', async () => {
  const login = (token: string) =>
    exchange({
      url: 'http://api.test/login',
      body: 'ada',
      response: { headers: [['Content-Type', 'application/json']], body: `{"token":"${token}"}` },
    });
  const me = (token: string) =>
    exchange({ url: 'http://api.test/me', headers: [['Authorization', `Bearer ${token}`]] });
  const tokens = ['q7Rk2mX9vB4tL0pZ', 'z0Pt4bX2kR9mV7qL'] as const;
  const exchanges = tokens.flatMap((token) => [login(token), me(token)]);
  const { requests } = await surveyOf(exchanges, { ...OPTIONS, tests: true });
  expect(requests.map(({ name }) => name)).toEqual([
    'POST /login',
    'GET /me',
    'POST /login',
    'GET /me',
  ]);
  expect(requests.map(({ links }) => links.map(({ from }) => from.place))).toEqual([
    [],
    [0],
    [],
    [2],
  ]);
});
