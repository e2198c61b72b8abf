/**
 * Who may import whom, as an allow-list: a room that is not named here may be imported by nobody, and imports nothing.
 * A room is a folder of src, or a file that stands directly in it.
 */
const NOUNS = [
  'exchange',
  'collection',
  'errors',
  'content-id',
  'in-flight',
  'new-files',
  'home',
  'running-process',
  'version',
];
const GROUND = [...NOUNS, 'http', 'json'];

const ROOMS = {
  exchange: [],
  collection: [],
  errors: [],
  'content-id': [],
  'in-flight': [],
  home: [],
  version: [],
  'new-files': ['errors'],
  'running-process': ['errors'],
  json: NOUNS,
  http: [...NOUNS, 'json'],
  options: GROUND,
  rewrite: GROUND,
  record: GROUND,
  secrets: GROUND,
  terminal: GROUND,
  launch: GROUND,
  document: [...GROUND, 'secrets'],
  analysis: [...GROUND, 'secrets', 'document'],
  har: [...GROUND, 'secrets'],
  importers: [...GROUND, 'document', 'har'],
  exporters: [...GROUND, 'secrets', 'document', 'analysis', 'har'],
  sync: [...GROUND, 'record', 'secrets', 'har'],
  output: [
    ...GROUND,
    'options',
    'secrets',
    'document',
    'analysis',
    'importers',
    'exporters',
    'terminal',
  ],
  sinks: [...GROUND, 'record', 'analysis', 'output'],
  hub: [...GROUND, 'record', 'har', 'sync'],
  proxy: ['exchange', 'errors', 'in-flight', 'new-files', 'http', 'rewrite'],
  page: ['sync/wire'],
  interceptor: ['sync/wire', 'http/media-type'],
  session: [
    ...GROUND,
    'options',
    'rewrite',
    'record',
    'secrets',
    'har',
    'exporters',
    'sync',
    'sinks',
    'output',
    'hub',
    'proxy',
    'launch',
    'terminal',
  ],
  commands: [
    ...GROUND,
    'options',
    'rewrite',
    'record',
    'secrets',
    'document',
    'importers',
    'exporters',
    'output',
    'sinks',
    'sync',
    'hub',
    'proxy',
    'launch',
    'terminal',
    'session',
  ],
  cli: ['commands', 'errors', 'version'],
  recording: [...GROUND, 'options', 'record', 'proxy', 'exporters'],
  index: [...NOUNS, 'record', 'exporters', 'proxy', 'recording'],
};

const inRoom = (room) => `^src/${room}(/|\\.ts$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  allowed: [
    ...Object.entries(ROOMS).map(([room, others]) => ({
      from: { path: inRoom(room) },
      to: { path: [room, ...others].map(inRoom) },
    })),
    { from: {}, to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'] } },
  ],
  allowedSeverity: 'error',
  forbidden: [
    {
      name: 'mockttp-only-in-proxy',
      comment: 'Only src/proxy knows mockttp.',
      severity: 'error',
      from: { pathNot: inRoom('proxy') },
      to: { path: 'node_modules/mockttp/' },
    },
    {
      name: 'no-circles',
      comment: 'Files do not import each other, directly or through others; types may.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // The parser takes no JSX; biome.json has the same rule for the components of the page.
    exclude: { path: '\\.tsx$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default', 'types'],
    },
  },
};
