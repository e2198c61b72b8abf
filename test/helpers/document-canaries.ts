import { createHash } from 'node:crypto';

/** Attributes that say who somebody is, by the type of the auth helper. */
const SECRET_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  akamai: ['accessToken', 'clientToken', 'clientSecret'],
  apikey: ['value'],
  asap: ['privateKey'],
  awsv4: ['accessKey', 'secretKey', 'sessionToken'],
  basic: ['password'],
  bearer: ['token'],
  digest: ['password'],
  edgegrid: ['accessToken', 'clientToken', 'clientSecret'],
  hawk: ['authKey'],
  jwt: ['secret', 'privateKey'],
  ntlm: ['password'],
  oauth1: ['consumerSecret', 'tokenSecret', 'token', 'privateKey'],
  oauth2: ['accessToken', 'clientSecret', 'password'],
};

/** Makes secrets that stand nowhere by chance, and remembers where each was put. */
function plantable() {
  const places = new Map<string, string>();
  /** A secret alone, or joined to variables as people write them. */
  const plant = (place: string): string => {
    const hash = createHash('sha256').update(`${place} ${places.size}`).digest('hex').slice(0, 20);
    const value = `q7Z${hash}Kx`;
    places.set(value, place);
    const joined = [
      value,
      `{{prefix}}-${value}`,
      `{{a}}${value}`,
      `${value}{{b}}`,
      `{{a}}.${value}_{{b}}`,
    ];
    return joined[places.size % joined.length] ?? value;
  };
  return { places, plant };
}

type Plant = (place: string) => string;

function authsWith(plant: Plant): object[] {
  return Object.entries(SECRET_ATTRIBUTES).flatMap(([type, names]) =>
    [0, 1, 2, 3, 4, 5].map(() => ({
      type,
      [type]: [
        ...(type === 'apikey' ? [{ key: 'key', value: 'X-Custom' }] : []),
        ...names.map((key) => ({ key, value: plant(`${type} ${key}`), type: 'string' })),
      ],
    })),
  );
}

/** Each puts a secret somewhere in an item. */
function itemsWith(plant: Plant): object[] {
  const at = 'https://api.test/a';
  const header = (key: string, value: string) => ({
    request: { method: 'GET', url: at, header: [{ key, value }] },
  });
  const post = (body: object, type?: string) => ({
    request: {
      method: 'POST',
      url: at,
      body,
      header: type ? [{ key: 'Content-Type', value: type }] : [],
    },
  });
  const script = (listen: string, code: string) => ({
    event: [{ listen, script: { type: 'text/javascript', exec: [code] } }],
    request: { method: 'GET', url: at },
  });
  const parts = { protocol: 'https', host: ['api', 'test'] };
  const kinds: (() => object)[] = [
    () => header('Authorization', `Bearer ${plant('bearer header')}`),
    () => header('Authorization', `Token token="${plant('token header')}"`),
    () => header('X-Api-Key', plant('key header')),
    () => header('Cookie', `sid=${plant('cookie')}; lang=en`),
    () => ({ request: { method: 'GET', url: `https://ada:${plant('userinfo')}@api.test/a` } }),
    () => ({
      request: {
        method: 'GET',
        url: `https://api.test/a?page=2&access_token=${plant('query text')}`,
      },
    }),
    () => {
      const value = plant('query');
      const raw = `https://api.test/b?token=${value}`;
      const query = [{ key: 'token', value }];
      return { request: { method: 'GET', url: { raw, ...parts, path: ['b'], query } } };
    },
    () => {
      const query = [{ key: 'api_key', value: plant('query switched off'), disabled: true }];
      return { request: { method: 'GET', url: { raw: at, ...parts, path: ['a'], query } } };
    },
    () => {
      const variable = [{ key: 'token', value: plant('path variable') }];
      const raw = 'https://api.test/c/:token';
      return {
        request: { method: 'GET', url: { raw, ...parts, path: ['c', ':token'], variable } },
      };
    },
    () =>
      post({ mode: 'urlencoded', urlencoded: [{ key: 'password', value: plant('urlencoded') }] }),
    () =>
      post({
        mode: 'formdata',
        formdata: [{ key: 'client_secret', value: plant('formdata'), type: 'text' }],
      }),
    () =>
      post({ mode: 'raw', raw: `{"user":{"password":"${plant('JSON')}"}}` }, 'application/json'),
    () =>
      post(
        { mode: 'raw', raw: `{"n": {{n}}, "token": "${plant('JSON with variables')}"}` },
        'application/json',
      ),
    () =>
      post(
        { mode: 'raw', raw: `a=1&password=${plant('form text')}` },
        'application/x-www-form-urlencoded',
      ),
    () =>
      post({ mode: 'raw', raw: `<r><password>${plant('XML')}</password></r>` }, 'application/xml'),
    () =>
      post({
        mode: 'graphql',
        graphql: { query: `mutation { login(password: "${plant('GraphQL')}") { id } }` },
      }),
    () =>
      post({
        mode: 'graphql',
        graphql: { query: '{ a }', variables: `{"password": "${plant('GraphQL variables')}"}` },
      }),
    () =>
      script('prerequest', `pm.environment.set("access_token", "${plant('pre-request script')}");`),
    () => script('test', `const password = '${plant('test script')}';`),
    () => ({
      request: {
        method: 'GET',
        url: at,
        description: `Use password=${plant('description')} here.`,
      },
    }),
    () => {
      const originalRequest = {
        method: 'GET',
        url: at,
        header: [{ key: 'X-Auth-Token', value: plant('example request') }],
      };
      const json = {
        name: 'ok',
        code: 200,
        originalRequest,
        header: [{ key: 'Content-Type', value: 'application/json' }],
      };
      const set = { key: 'Set-Cookie', value: `sid=${plant('example cookie')}; Path=/` };
      const body = JSON.stringify({ access_token: plant('example response') });
      return {
        request: { method: 'GET', url: at },
        response: [{ ...json, header: [...json.header, set], body }],
      };
    },
    () => ({
      request: { method: 'GET', url: at },
      'x-unknown': { secret: plant('unknown member') },
    }),
  ];
  return kinds.flatMap((kind, index) =>
    [0, 1, 2, 3, 4, 5].map((turn) => ({ name: `item ${index} ${turn}`, ...kind() })),
  );
}

const NAMES = ['password', 'api_key', 'accessToken', 'client_secret', 'auth_token'];

/** A collection v2.1 and an environment with secrets in every place, and the place of each secret by its value. */
export function plantedDocuments() {
  const { places, plant } = plantable();
  const variables = (of: string) => [
    ...NAMES.map((key) => ({ key: `${of}_${key}`, value: plant(`variable of ${of}`) })),
    { key: `${of}_marked`, value: plant(`marked variable of ${of}`), type: 'secret' },
  ];
  const auths = authsWith(plant);
  const scripted = {
    listen: 'prerequest',
    script: { exec: `const password = "${plant('script of a folder')}"` },
  };
  const values = [
    ...variables('environment'),
    { key: 'plain', value: `https://ada:${plant('URL in the environment')}@api.test` },
    { key: 'a', value: 'one' },
  ];
  const told = values.map(({ key }) => ({
    name: `with ${key}`,
    request: { method: 'GET', url: `https://api.test/e?v={{${key}}}` },
  }));
  const echoed = [...places.keys()].join('\n');
  const collection = {
    info: {
      name: 'Planted',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: plant('auth of the collection') }] },
    variable: [...variables('collection'), { key: 'prefix', value: 'p' }],
    item: [
      {
        name: 'Echo',
        request: { method: 'GET', url: 'https://api.test/echo' },
        response: [{ name: 'echo', code: 200, body: echoed }],
      },
      {
        name: 'Folder',
        auth: auths[0],
        variable: variables('folder'),
        event: [scripted],
        item: itemsWith(plant),
      },
      { name: 'Environment', item: told },
      ...auths.map((auth, at) => ({
        name: `auth ${at}`,
        request: { method: 'GET', url: 'https://api.test/auth', auth },
      })),
    ],
  };
  const environment = { name: 'Planted', values, _postman_variable_scope: 'environment' };
  return { collection, environment, places };
}
