import { METHODS } from 'node:http';
import { expect, test } from 'vitest';
import { combinations, scriptOf } from '../helpers/differential/combinations.ts';
import {
  type Conversation,
  type Difference,
  differences,
} from '../helpers/differential/comparison.ts';
import type { Script } from '../helpers/differential/exchange.ts';
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

/** Faults that are being mended: nothing stays here. What `hangs` is not tried meanwhile. */
const knownFaults: readonly (Rule & { readonly hangs?: true })[] = [
  // On the way out.
  {
    reason: 'Host comes first, and lengths are added, moved or lost',
    covers: ({ place }) => place === 'request fields',
  },
  {
    reason: 'reasons are lost, recoded or cut',
    covers: ({ place }) => place === 'reason' || place === 'interim answers',
  },
  {
    reason: 'a head waits for its body',
    concerns: ({ client }) => client.some(({ do: what }) => what === 'await'),
    hangs: true,
  },
  {
    reason: 'an answer that ends with its connection hangs over TLS, and looks whole after a reset',
    concerns: ({ server }) => server.some(({ do: what }) => what === 'end' || what === 'reset'),
    hangs: true,
  },
  {
    reason: 'white space ahead of a chunk extension breaks an answer',
    concerns: ({ server }) =>
      server.some((step) => step.do === 'send' && step.text.includes(' ;x=1\r\n')),
  },
  // On the way in.
  {
    reason: 'unknown methods are refused',
    concerns: ({ method }) => !METHODS.includes(method),
    hangs: true,
  },
  {
    reason: 'raw bytes in targets are refused',
    concerns: ({ target }) => /[\x80-\xff]/.test(target),
  },
  {
    reason: 'OPTIONS * is refused in tunnels, and / outside',
    concerns: ({ target }) => target === '*',
  },
  {
    reason: 'HTTP/2 requests with more than 128 lines are refused',
    concerns: ({ fields }, transport) => transport === 'h2' && fields.length > 120,
    hangs: true,
  },
  // On the way back.
  {
    reason: 'Latin-1 in reasons and values is encoded again',
    covers: ({ place, direct, proxied }) => {
      const decoded = proxied.map((line) => Buffer.from(line, 'latin1').toString());
      return isAnswer(place) && JSON.stringify(direct) === JSON.stringify(decoded);
    },
  },
  {
    reason: 'an answer with Trailer becomes a 502 where it has no chunks, and may not end',
    covers: ({ place, whole: { direct, proxied } }) =>
      (isAnswer(place) || place === 'end of all') &&
      proxied.status[0] === '502' &&
      direct['answer fields'].some((line) => /^trailer:/i.test(line)),
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

function hangs({ scripts, transport }: Conversation): boolean {
  return knownFaults.some(
    (fault) =>
      fault.hangs && 'concerns' in fault && scripts.some((one) => fault.concerns(one, transport)),
  );
}

/** Makes all of these and describes each difference that no rule accounts for. */
async function unexplained(conversations: readonly Conversation[]): Promise<string[]> {
  const tried = conversations.filter((one) => !hangs(one));
  const ends = { origin: await startOrigin(), proxy: await recordingProxy() };
  const found = await differences(tried, ends);
  const rules = [...allowed, ...knownFaults];
  const left = found.filter((difference) => !rules.some((rule) => applies(rule, difference)));
  return left.map(({ transport, place, script, direct, proxied }) => {
    const short = (lines: readonly string[]) => JSON.stringify(lines).slice(0, 400);
    return `${script.name}, ${transport}, ${place}: ${short(direct)} became ${short(proxied)}`;
  });
}

const single = combinations(300).map(
  (parts): Conversation => ({ scripts: [scriptOf(parts)], transport: parts.transport }),
);

test.each([
  ['single exchanges of every sort', single],
  ['several exchanges over one connection', scenarios.sequences(4)],
  ['servers that break off, at every moment', scenarios.serverAborts()],
  ['clients that go, at every moment', scenarios.clientAborts()],
  ['heads that wait for no body, and bodies that follow an answer', scenarios.headsFirst()],
  ['bodies larger than every buffer, read fast and slowly', scenarios.largeBodies()],
])('%s look the same through the proxy', async (_, conversations) => {
  expect(await unexplained(conversations)).toEqual([]);
});
