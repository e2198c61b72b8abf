/** A step of test/peers/python/h2_peer.py: the name of its method and the arguments. */
type Step = readonly [string, ...unknown[]];

/** What a client does on a connection of its own, and what the server does with each of its requests. */
export type H2Script = {
  /** The second item of a step is the number of a request, which is also the end of its path. */
  readonly client: readonly Step[];
  /** By number, `*` for all; `0#1` is for the first attempt alone. */
  readonly server: Readonly<Record<string, readonly Step[]>>;
  /** How often the server receives a request through the proxy, if not as often as directly. */
  readonly attempts?: number;
};

type Fields = readonly (readonly [string, string])[];

/** SETTINGS by their numbers (RFC 9113 6.5.2). */
const HEADER_TABLE_SIZE = 1;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;

const ok: Fields = [[':status', '200']];
const get = (at: number, fields: Fields = [], more: object = {}, never: string[] = []): Step => [
  'request',
  at,
  'GET',
  `/${at}`,
  fields,
  true,
  more,
  never,
];
const post = (at: number, fields: Fields = [], more: object = {}): Step => [
  'request',
  at,
  'POST',
  `/${at}`,
  fields,
  false,
  more,
];
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const large = (name: string): Fields => [
  [`x-${name}`, 'Z'.repeat(20_000)],
  [`x-${name}-after`, 'small'],
];

/** Answers with a body once the request is complete. */
const answerAtEnd = (bytes: number): Step[] => [
  ['wait', 'end'],
  ['head', ok],
  ['data', bytes, true],
];

/** The scripts, by what they show. */
export const h2Scripts: Readonly<Record<string, H2Script>> = {
  'data-and-trailers-after-the-answer': {
    client: [
      post(0),
      ['wait', 0, 'end'],
      ['data', 0, 30_000],
      ['head', 0, [['x-sum', '30000']], true],
      // The connection stays until the server has it all.
      get(1),
      ['wait', 1, 'end'],
    ],
    server: {
      '0': [
        ['head', ok],
        ['data', 1000, true],
        ['wait', 'end'],
      ],
      '1': [
        ['sibling', 0],
        ['head', ok, true],
      ],
    },
  },
  'trailers-both-ways': {
    client: [
      post(0, [['trailer', 'x-sum']]),
      ['data', 0, 500],
      [
        'head',
        0,
        [
          ['x-sum', '1'],
          ['x-sum', '2'],
        ],
        true,
      ],
      ['wait', 0, 'end'],
      // Without data.
      post(1),
      ['head', 1, [['x-sum', '0']], true],
      ['wait', 1, 'end'],
    ],
    server: {
      '0': [
        ['wait', 'end'],
        ['head', ok],
        ['data', 700],
        ['head', [['x-status', 'fine']], true],
      ],
      '1': [
        ['wait', 'end'],
        ['head', ok],
        ['head', [['x-status', 'none']], true],
      ],
    },
  },
  'interim-answers': {
    client: [
      post(0, [['expect', '100-continue']]),
      ['wait', 0, 'interim', 2],
      ['data', 0, 100, true],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['head', [[':status', '102']]],
        [
          'head',
          [
            [':status', '103'],
            ['link', '</a>; rel=preload'],
            ['link', '</b>; rel=preload'],
          ],
        ],
        ['head', [[':status', '100']]],
        ...answerAtEnd(50),
      ],
    },
  },
  'answers-without-body': {
    client: [
      get(0),
      ['wait', 0, 'end'],
      get(1),
      ['wait', 1, 'end'],
      ['request', 2, 'HEAD', '/2', [], true],
      ['wait', 2, 'end'],
      get(3),
      ['wait', 3, 'end'],
    ],
    server: {
      '0': [['head', [[':status', '204']], true]],
      '1': [
        [
          'head',
          [
            [':status', '304'],
            ['etag', '"a"'],
          ],
          true,
        ],
      ],
      '2': [
        [
          'head',
          [
            [':status', '200'],
            ['content-length', '1234'],
          ],
          true,
        ],
      ],
      // An empty DATA frame ends it.
      '3': [
        ['head', ok],
        ['data', 0, true],
      ],
    },
  },
  'padding-and-priority': {
    client: [
      post(0, [], { priority_weight: 200, priority_exclusive: true }),
      ['data', 0, 5000, false, 255, 100],
      ['priority', 0, 16, false],
      ['data', 0, 3000, true, 0],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['wait', 'end'],
        ['head', ok],
        ['data', 9000, true, 255, 300],
      ],
    },
  },
  'tiny-windows': {
    client: [
      ['settings', 0, { [INITIAL_WINDOW_SIZE]: 7 }],
      ['manual', 0, true],
      get(0),
      ['wait', 0, 'data', 7],
      ['window', 0, 1],
      ['wait', 0, 'data', 8],
      ['manual', 0, false],
      ['window', 0, 7],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['head', ok],
        ['data', 600, true],
      ],
    },
  },
  'negative-windows': {
    client: [
      ['manual', 0, true],
      post(0),
      ['wait', 0, 'data', 65_535],
      ['settings', 0, { [INITIAL_WINDOW_SIZE]: 5 }],
      ['window', 0, 65_530 + 1000],
      ['wait', 0, 'data', 66_535],
      ['manual', 0, false],
      ['window', 0, 50_000],
      ['data', 0, 150_000, true],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['manual', true],
        ['head', ok],
        ['data', 150_000],
        ['wait', 'data', 65_535],
        ['settings', { [INITIAL_WINDOW_SIZE]: 5 }],
        ['window', 65_530 + 1000],
        ['wait', 'data', 66_535],
        ['manual', false],
        ['window', 50_000],
        ['wait', 'end'],
        ['settings', { [INITIAL_WINDOW_SIZE]: 65_535 }],
        ['data', 10, true],
      ],
    },
  },
  'no-header-table': {
    client: [
      ['settings', 0, { [HEADER_TABLE_SIZE]: 0 }],
      ...numbers(3).flatMap((at): Step[] => [
        get(at, [['x-repeated', 'in the table']]),
        ['wait', at, 'end'],
      ]),
      ['settings', 0, { [HEADER_TABLE_SIZE]: 4096 }],
      get(3, [['x-repeated', 'in the table']]),
      ['wait', 3, 'end'],
    ],
    server: {
      '1': [
        ['settings', { [HEADER_TABLE_SIZE]: 0 }],
        ['head', [...ok, ['x-answer', 'repeated']]],
        ['data', 1, true],
      ],
      '2': [
        ['settings', { [HEADER_TABLE_SIZE]: 4096 }],
        ['head', [...ok, ['x-answer', 'repeated']]],
        ['data', 1, true],
      ],
      '*': [
        ['head', [...ok, ['x-answer', 'repeated']]],
        ['data', 1, true],
      ],
    },
  },
  'large-frames': {
    client: [
      ['settings', 0, { [MAX_FRAME_SIZE]: 65_536 }],
      post(0),
      ['wait', 0, 'answer'],
      // h2 takes large frames once its SETTINGS have been acknowledged, which an answer to a PING shows.
      ['ping', 0],
      ['data', 0, 200_000, true],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['settings', { [MAX_FRAME_SIZE]: 65_536 }],
        ['ping'],
        ['head', ok],
        ['wait', 'end'],
        ['data', 200_000, true],
      ],
    },
  },
  goaway: {
    client: [
      post(0),
      post(1),
      ['data', 1, 300, true],
      ['retry', 1, post(1), ['data', 1, 300, true], ['wait', 1, 'end']],
      ['data', 0, 200, true],
      ['wait', 0, 'end'],
    ],
    server: {
      '0': answerAtEnd(400),
      '1#1': [['wait', 'end'], ['goaway']],
      '1': answerAtEnd(600),
    },
  },
  'refused-once': {
    client: [
      post(0),
      ['data', 0, 300, true],
      ['retry', 0, post(0), ['data', 0, 300, true], ['wait', 0, 'end']],
    ],
    server: {
      '0#1': [
        ['wait', 'end'],
        ['reset', 7],
      ],
      '0': answerAtEnd(50),
    },
  },
  'refused-always': {
    client: [get(0), ['wait', 0, 'reset']],
    server: { '*': [['reset', 7]] },
    attempts: 4,
  },
  'resets-by-the-client': {
    client: [2, 5, 8, 11, 13, 0x99, 0xffff_fff0].flatMap((code, at): Step[] => [
      post(at),
      ['data', at, 100],
      ['wait', at, 'data', 10],
      ['reset', at, code],
    ]),
    server: {
      '*': [
        ['wait', 'data', 100],
        ['head', ok],
        ['data', 10],
        ['wait', 'reset'],
      ],
    },
  },
  'resets-by-the-server': {
    client: numbers(5).flatMap((at): Step[] => [
      post(at),
      ['wait', at, 'data', 10],
      ['data', at, 100],
      ['wait', at, 'reset'],
    ]),
    server: Object.fromEntries(
      [2, 8, 11, 0x99, 0xffff_fff0].map((code, at) => [
        String(at),
        [
          ['head', ok],
          ['data', 10],
          ['wait', 'data', 100],
          ['reset', code],
        ] as Step[],
      ]),
    ),
  },
  'resets-before-the-answer': {
    client: numbers(5).flatMap((at): Step[] => [
      post(at),
      ['data', at, 100],
      ['wait', at, 'reset'],
    ]),
    server: Object.fromEntries(
      [2, 8, 11, 0x99, 0xffff_fff0].map((code, at) => [
        String(at),
        [
          ['wait', 'data', 100],
          ['reset', code],
        ] as Step[],
      ]),
    ),
  },
  'early-answer-and-no-error': {
    client: [post(0), ['data', 0, 100], ['wait', 0, 'reset']],
    server: {
      '*': [
        ['wait', 'data', 100],
        ['head', ok],
        ['data', 20, true],
        ['reset', 0],
      ],
    },
  },
  pings: {
    client: [
      post(0),
      ['data', 0, 20_000],
      ['ping', 0],
      ['wait', 0, 'data', 1000],
      ['ping', 0],
      ['data', 0, 1000, true],
      ['ping', 0],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [['head', ok], ['ping'], ['data', 1000], ['ping'], ['wait', 'end'], ['data', 5, true]],
    },
  },
  interleaved: {
    client: [
      ...numbers(5).map((at) => post(at)),
      ...numbers(20).flatMap((turn) => numbers(5).map((at): Step => ['data', at, 100 * at + turn])),
      ...numbers(5).map((at): Step => ['data', at, 0, true]),
      ...numbers(5).map((at): Step => ['wait', at, 'end']),
    ],
    server: {
      '*': [
        ['head', ok],
        ['data', 9000, false, null, 90],
        ['wait', 'end'],
        ['data', 9, true],
      ],
    },
  },
  fields: {
    client: [
      get(
        0,
        [
          ['x-binary', '\xff\xfe caf\xe9 \x80'],
          ['x-utf8', 'caf\xc3\xa9'],
          ['x-tab', 'a\tb'],
          ['x-empty', ''],
          ['authorization', 'Bearer never indexed'],
          ['cookie', 'a=1'],
          ['x-between', '1'],
          ['cookie', 'b=2'],
          ['cookie', 'c=3; d=4'],
          ['x-twice', '1'],
          ['x-twice', '1'],
          ['te', 'trailers'],
        ],
        {},
        ['authorization', 'x-binary'],
      ),
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        [
          'head',
          [
            ...ok,
            ['x-binary', '\xff\xfe caf\xe9 \x80'],
            ['x-utf8', 'caf\xc3\xa9'],
            ['x-empty', ''],
            ['set-cookie', 'a=1'],
            ['x-between', '1'],
            ['set-cookie', 'b=2'],
          ],
          false,
          ['set-cookie'],
        ],
        ['data', 1],
        ['head', [['x-binary', '\xff caf\xe9']], true],
      ],
    },
  },
  continuation: {
    client: [
      post(0, large('head')),
      ['data', 0, 10],
      ['head', 0, large('trailer'), true],
      ['wait', 0, 'end'],
    ],
    server: {
      '*': [
        ['wait', 'end'],
        ['head', [...ok, ...large('head')]],
        ['data', 10],
        ['head', large('trailer'), true],
      ],
    },
  },
  'as-many-streams-as-allowed': {
    client: [
      // The server's limit is known with its answer.
      get(0),
      ['wait', 0, 'end'],
      ...numbers(120).map((at) => get(at + 1)),
      ...numbers(120).map((at): Step => ['wait', at + 1, 'end']),
    ],
    server: {
      '0': [['head', ok, true]],
      '*': [
        ['gate', 101],
        ['head', ok],
        ['data', 10, true],
      ],
    },
  },
};
