import { METHODS } from 'node:http';
import { expect, test } from 'vitest';
import { combinations, scriptOf } from '../helpers/differential/combinations.ts';
import {
  type Conversation,
  type Difference,
  differences,
  type Ends,
} from '../helpers/differential/comparison.ts';
import type { Script } from '../helpers/differential/exchange.ts';
import { startHttp2Origin } from '../helpers/differential/http2-origin.ts';
import type { Place, Transport } from '../helpers/differential/observation.ts';
import { startOrigin } from '../helpers/differential/origin.ts';
import * as scenarios from '../helpers/differential/scenarios.ts';
import { recordingProxy } from '../helpers/proxy.ts';

// Each exchange is made twice, directly and through the proxy, and what client and server saw is
// compared byte for byte. What RFC 9110 leaves to each connection is not compared; see observe().

/** Differences that are accounted for: single ones, or all of a connection with such a script. */
type Rule = { readonly reason: string } & (
  | { readonly covers: (difference: Difference) => boolean }
  | { readonly concerns: (script: Script, transport: Transport) => boolean }
);

/** What RFC 9110 demands, or what the README names. */
const allowed: readonly Rule[] = [
  {
    reason: 'What is not an answer becomes a 502 of the proxy (RFC 9110 15.6.3)',
    covers: ({ place, whole: { direct, proxied } }) =>
      isAnswer(place) && direct.status.length === 0 && proxied.status[0] === '502',
  },
  {
    reason:
      'Trailer is left out where no trailers follow (RFC 9110 6.6.2): Node refuses to send it',
    covers: (difference) =>
      isSameBut(/^trailer:/i, difference) &&
      (!isAnswer(difference.place) ||
        difference.whole.direct['answer trailers'].length === 0 ||
        difference.script.version === '1.0'),
  },
  {
    reason:
      'Node knows neither the method nor the target, which is pieced together only within a packet',
    concerns: ({ cut, method, target }) =>
      cut === 'bytes' && (!METHODS.includes(method) || /[\x80-\xff]/.test(target)),
  },
  {
    reason: "White space ahead of a request's chunk extension (RFC 9112 7.1.1) is a 400 of llhttp",
    concerns: ({ framing, extension }) =>
      framing === 'chunked' && extension?.startsWith(' ') === true,
  },
  {
    reason: "Of lines that may occur once, Node's HTTP/2 sends the first (RFC 9110 5.3)",
    covers: (difference) =>
      difference.transport === 'h2' &&
      difference.place === 'answer fields' &&
      isSameBut(/^(age: 2|server: b|content-type: text\/html)$/, difference),
  },
];

function isAnswer(place: Place): boolean {
  return place === 'status' || place === 'reason' || place.startsWith('answer');
}

function isSameBut(line: RegExp, { direct, proxied }: Difference): boolean {
  const without = (lines: readonly string[]) =>
    JSON.stringify(lines.filter((one) => !line.test(one)));
  return without(direct) === without(proxied);
}

function applies(rule: Rule, difference: Difference): boolean {
  if ('covers' in rule) return rule.covers(difference);
  return difference.scripts.some((script) => rule.concerns(script, difference.transport));
}

/** Makes all of these and describes each difference that no rule accounts for. */
async function unexplained(
  conversations: readonly Conversation[],
  server: Ends['server'],
): Promise<string[]> {
  const origin = server === 'HTTP/2' ? await startHttp2Origin() : await startOrigin();
  const ends = { origin, server, proxy: await recordingProxy() };
  const found = await differences(conversations, ends);
  const left = found.filter((difference) => !allowed.some((rule) => applies(rule, difference)));
  return left.map(({ transport, place, script, direct, proxied }) => {
    const short = (lines: readonly string[]) => JSON.stringify(lines).slice(0, 400);
    return `${script.name}, ${transport}, ${place}: ${short(direct)} became ${short(proxied)}`;
  });
}

const single = combinations(300).map(
  (parts): Conversation => ({ scripts: [scriptOf(parts)], transport: parts.transport }),
);

const conversations: readonly [name: string, conversations: readonly Conversation[]][] = [
  ['single exchanges of every sort', single],
  ['several exchanges over one connection', scenarios.sequences(4)],
  ['servers that break off, at every moment', scenarios.serverAborts()],
  ['clients that go, at every moment', scenarios.clientAborts()],
  ['heads that wait for no body, and bodies that follow an answer', scenarios.headsFirst()],
  ['bodies larger than every buffer, read fast and slowly', scenarios.largeBodies()],
];

test.each(conversations)('%s look the same through the proxy', async (_, given) => {
  expect(await unexplained(given, 'HTTP/1.1')).toEqual([]);
});

test.each(conversations)('%s look the same where the server speaks HTTP/2', async (_, given) => {
  expect(await unexplained(given.map(toHttp2), 'HTTP/2')).toEqual([]);
});

// A server without HTTP/1.1 is reached in clear text by those who know (RFC 9113 3.3).
function toHttp2(conversation: Conversation): Conversation {
  const isClear = conversation.transport === 'plain' || conversation.transport === 'tunnel';
  return isClear ? { ...conversation, transport: 'h2c' } : conversation;
}
