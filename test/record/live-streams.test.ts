import { expect, test } from 'vitest';
import { LiveStreams, type StreamHead, type StreamNews } from '../../src/record/live-streams.ts';
import { eventually } from '../helpers/eventually.ts';
import { requestHead, responseHead } from '../helpers/journal.ts';

function head(key: string): StreamHead {
  const request = requestHead({ method: 'GET', url: `http://a.test/${key}` });
  return { key, kind: 'events', seq: 1, request, response: responseHead({}), headMs: 1 };
}

/** Streams whose news is taken when the test says so. */
function watched(most = { bytes: 1000, chunks: 10 }) {
  const streams = new LiveStreams({ gatherMs: 0, most });
  const news: StreamNews[] = [];
  let taken = () => {};
  streams.watch((some) => {
    news.push(some);
    return new Promise<void>((resolve) => {
      taken = resolve;
    });
  });
  return {
    streams,
    news,
    comes: (count: number) => eventually(() => expect(news).toHaveLength(count)),
    take: () => taken(),
  };
}

test('chunks that are not taken in time are dropped and counted', async () => {
  const { streams, news, comes, take } = watched();
  const stream = streams.begin(head('a'));
  await comes(1);
  for (let i = 0; i < 25; i += 1) stream?.chunk('server', Buffer.from([i]));
  take();
  await comes(2);
  expect(news[1]?.chunks).toHaveLength(10);
  expect(news[1]?.dropped).toEqual(new Map([['a', 15]]));
});

test('bytes that wait are limited, too', async () => {
  const { streams, news, comes } = watched();
  const stream = streams.begin(head('a'));
  stream?.chunk('server', Buffer.alloc(999));
  stream?.chunk('server', Buffer.alloc(2));
  await comes(1);
  expect(news[0]).toMatchObject({ chunks: [{ size: 999 }], dropped: new Map([['a', 1]]) });
});

test('a stream that ends at once is not told of', async () => {
  const { streams, news, comes } = watched();
  const short = streams.begin(head('short'));
  short?.chunk('server', Buffer.from('x'));
  short?.end();
  streams.begin(head('long'));
  await comes(1);
  expect(news[0]?.begun.map(({ key }) => key)).toEqual(['long']);
  expect(news[0]).toMatchObject({ chunks: [], ended: [] });
});
