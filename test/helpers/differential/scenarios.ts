import { combinations, request, scriptOf, transports } from './combinations.ts';
import type { Conversation } from './comparison.ts';
import type { ClientStep, Script, ServerStep } from './exchange.ts';
import { chunked, type Field } from './wire.ts';

type Framing = 'length' | 'chunked' | 'close';

const framings: readonly Framing[] = ['length', 'chunked', 'close'];
const half = 'a'.repeat(1000);
const whole = half + half;

const headOf = (framing: Framing, status = '200 OK') => {
  const line = { length: 'Content-Length: 2000\r\n', chunked: 'Transfer-Encoding: chunked\r\n' };
  return `HTTP/1.1 ${status}\r\nX-Server: a\r\n${framing === 'close' ? '' : line[framing]}\r\n`;
};
const send = (text: string): ServerStep => ({ do: 'send', text });
const chunk = (text: string) => chunked([text]).slice(0, -'0\r\n\r\n'.length);
const sendHalf = (framing: Framing) => send(framing === 'chunked' ? chunk(half) : half);
const answered = (bytes: number) => ({ do: 'await', what: 'answered', bytes }) as const;
const uploaded = (bytes: number) => ({ do: 'await', what: 'uploaded', bytes }) as const;
const gone: ServerStep = { do: 'await', what: 'gone' };
const hasRequest: ServerStep = { do: 'await', what: 'request' };

const noBody: Pick<Script, 'framing' | 'client'> = { framing: 'none', client: [{ do: 'head' }] };

function script(name: string, server: readonly ServerStep[], rest: Partial<Script> = {}): Script {
  const { framing = 'none' } = rest;
  const fields: Field[] = [['Host', '{authority}']];
  if (framing === 'length') fields.push(['Content-Length', '2000']);
  if (framing === 'chunked') fields.push(['Transfer-Encoding', 'chunked']);
  const method = framing === 'none' ? 'GET' : 'POST';
  const plain = { version: '1.1', method, target: '/', fields, cut: 'whole' } as const;
  return { name, ...plain, ...noBody, ...rest, server };
}

const overAll = (scripts: readonly Script[]): Conversation[] =>
  scripts.flatMap((one) => transports.map((transport) => ({ scripts: [one], transport })));

/** Servers that break off at every moment of an answer, in every framing. */
export function serverAborts(): Conversation[] {
  const scripts = (['end', 'reset'] as const).flatMap((how) => {
    const stop = { do: how } as const;
    return [
      script(`${how} in place of an answer`, [hasRequest, stop]),
      script(`${how} within the status line`, [hasRequest, send('HTTP/1.1 20'), stop]),
      script(`${how} within the head`, [hasRequest, send('HTTP/1.1 200 OK\r\nX-A: '), stop]),
      ...framings.flatMap((framing) => {
        const head = [hasRequest, send(headOf(framing))];
        const middle = [...head, sendHalf(framing), answered(1000)];
        const all = [...middle, sendHalf(framing), answered(2000)];
        const last = framing === 'chunked' ? [send('0\r\n\r\n')] : [];
        return [
          script(`${how} behind the head, ${framing}`, [...head, answered(0), stop]),
          script(`${how} in mid-body, ${framing}`, [...middle, stop]),
          script(`${how} behind the last byte, ${framing}`, [...all, stop]),
          ...last.map((end) => script(`${how} when whole, ${framing}`, [...all, end, stop])),
        ];
      }),
      script(`${how} within a chunk`, [
        ...[hasRequest, send(headOf('chunked')), send(`7d0\r\n${half}`), answered(1000), stop],
      ]),
    ];
  });
  return overAll(scripts);
}

/** Clients that go at every moment of an exchange. */
export function clientAborts(): Conversation[] {
  const reset: ClientStep = { do: 'reset' };
  const head: ClientStep = { do: 'head' };
  const body: ClientStep = { do: 'body', piece: half };
  const uploads = (['length', 'chunked'] as const).flatMap((framing) => [
    script(`client gone behind its head, ${framing}`, [gone], {
      ...{ framing, client: [head, uploaded(0), reset] },
    }),
    script(`client gone in mid-body, ${framing}`, [gone], {
      ...{ framing, client: [head, body, uploaded(1000), reset] },
    }),
    script(
      `client gone in mid-body, behind an answer's head, ${framing}`,
      [...[send(headOf('length')), gone]],
      { framing, client: [head, body, uploaded(1000), { do: 'await', what: 'head' }, reset] },
    ),
  ]);
  const downloads = framings.flatMap((framing) => [
    script(
      `client gone behind the answer's head, ${framing}`,
      [...[hasRequest, send(headOf(framing)), gone]],
      { client: [head, answered(0), reset] },
    ),
    script(
      `client gone in mid-answer, ${framing}`,
      [...[hasRequest, send(headOf(framing)), sendHalf(framing), gone]],
      { client: [head, answered(1000), reset] },
    ),
  ]);
  const waiting = script('client gone before an answer', [gone], {
    client: [head, uploaded(0), reset],
  });
  return overAll([...uploads, ...downloads, waiting]);
}

/** Heads that wait for nothing: answers before the body, bodies after the answer, expectations. */
export function headsFirst(): Conversation[] {
  const statuses = ['200 OK', '401 Unauthorized', '417 Expectation Failed', '500 Oh'];
  const head: ClientStep = { do: 'head' };
  const hasHead: ClientStep = { do: 'await', what: 'head' };
  const body = request([half, half], 'length').slice(1);
  const expects: readonly Field[] = [
    ['Expect', '100-continue'],
    ['X-Last', 'a'],
  ];
  const scripts = (['length', 'chunked'] as const).flatMap((framing) =>
    statuses.flatMap((status) => {
      const answer = send(headOf('length', status) + whole);
      const beforehand = script(`${status} before the body, ${framing}`, [answer, hasRequest], {
        ...{ framing, client: [head, hasHead, ...body] },
      });
      const between = script(
        `${status} in the midst of the body, ${framing}`,
        [...[uploaded(1000), answer, hasRequest]],
        { framing, client: [head, ...body.slice(0, 1), hasHead, ...body.slice(1)] },
      );
      const refused = expecting(`${status} in place of 100, ${framing}`, [answer, hasRequest], {
        ...{ framing, client: [head, hasHead, ...body] },
      });
      return [beforehand, between, refused];
    }),
  );
  const asked = (['length', 'chunked'] as const).map((framing) =>
    expecting(
      `100 and then 200, ${framing}`,
      [...[send('HTTP/1.1 100 Continue\r\n\r\n'), hasRequest, send(headOf('length') + whole)]],
      { framing, client: [head, { do: 'await', what: 'interim' }, ...body] },
    ),
  );
  return overAll([...scripts, ...asked]);

  function expecting(...[name, server, rest]: Parameters<typeof script>): Script {
    const plain = script(name, server, rest);
    return { ...plain, fields: [...plain.fields, ...expects] };
  }
}

/** Bodies larger than any buffer, both ways, to readers and from servers that are slow. */
export function largeBodies(): Conversation[] {
  const piece = 'large '.repeat(30_000);
  const pieces = [piece, piece, piece, piece, piece, piece];
  const length = piece.length * pieces.length;
  const head = (line: string) => send(`HTTP/1.1 200 OK\r\n${line}\r\n`);
  const answers: Readonly<Record<Framing, readonly ServerStep[]>> = {
    length: [head(`Content-Length: ${length}\r\n`), ...pieces.map(send)],
    chunked: [head('Transfer-Encoding: chunked\r\n'), send(chunked(pieces))],
    close: [head(''), ...pieces.map(send), { do: 'end' }],
  };
  const scripts = framings.flatMap((framing) =>
    [false, true].flatMap((isSlowReader) => {
      const reader = isSlowReader ? 'a slow reader' : 'a reader';
      const rest = { isSlowReader };
      const upload = framing === 'close' ? 'chunked' : framing;
      const fields: Field[] = [['Host', '{authority}']];
      if (upload === 'length') fields.push(['Content-Length', String(length)]);
      else fields.push(['Transfer-Encoding', 'chunked']);
      return [
        script(`${reader} of a large answer, ${framing}`, [hasRequest, ...answers[framing]], rest),
        {
          ...script(`echo to ${reader}, ${framing}`, [hasRequest, ...answers[framing]], {
            ...{ ...rest, framing: upload, client: request(pieces, upload) },
          }),
          fields,
        },
      ];
    }),
  );
  return overAll(scripts);
}

/** Several exchanges of every sort over one connection, one after the other or all at once. */
export function sequences(count: number): Conversation[] {
  return transports.flatMap((transport) =>
    (['in turn', 'pipelined'] as const).flatMap((order) => {
      const parts = combinations(count * 4).map((one) => ({ ...one, transport }));
      const kept = parts
        .map((one) => ({ ...one, version: '1.1' as const, isSlowReader: false }))
        .map((one) => ({
          ...one,
          answerFraming: one.answerFraming === 'close' ? ('length' as const) : one.answerFraming,
        }));
      const scripts = kept.map(scriptOf);
      return Array.from({ length: count }, (_, at) => ({
        ...{ transport, order, scripts: scripts.slice(at * 4, at * 4 + 4) },
      }));
    }),
  );
}
