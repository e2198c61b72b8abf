import { type Call, oneOf, randomOf, unpromised } from './json-api.ts';

/** A change of the API, and what a comparison has to say of it. */
export type Change = {
  /** In words, for the title of a test. */
  readonly what: string;
  readonly calls: Call[];
  /** How a line begins that names the place. */
  readonly names: RegExp;
};

type Kind = (calls: readonly Call[], random: () => number) => Change;

/** The kinds of changes, one after the other as the seed counts; where each strikes is drawn from the seed. */
export function changed(calls: readonly Call[], seed: number): Change {
  const kind = kinds[seed % kinds.length] as Kind;
  return kind(calls, randomOf(seed));
}

/** What becomes of a member of an object. */
type Edit = (holder: Record<string, unknown>, key: string) => void;

const edits: Readonly<Record<string, Edit>> = {
  gone: (holder, key) => void delete holder[key],
  renamed(holder, key) {
    holder[`${key}Name`] = holder[key];
    delete holder[key];
  },
  retyped(holder, key) {
    holder[key] = typeof holder[key] === 'string' ? 7 : `text`;
  },
  nested(holder, key) {
    holder[key] = { value: holder[key] };
  },
};

function fieldKind(side: 'answer' | 'request', edit: string): Kind {
  return (calls, random) => {
    const named = [
      ...new Set(calls.filter((call) => isObject(call[side])).map(({ name }) => name)),
    ];
    const name = oneOf(random, named.sort());
    const first = calls.find((call) => call.name === name) as Call;
    const path = oneOf(random, membersOf(first[side]));
    const isForm = side === 'request' && first.requestType !== undefined;
    // A field of a form has no type and no members.
    const done = isForm && edit !== 'gone' ? 'renamed' : edit;
    const place = isForm
      ? `form field ${path.at(-1)}`
      : `${side === 'request' ? 'request' : `response ${first.status}`} $${path.map((step) => (step === '[]' ? '[]' : `.${step}`)).join('')}`;
    return {
      what: `${name}: ${side} ${path.join('.')} ${done}`,
      calls: struck(calls, name, (call) => {
        const root = structuredClone(call[side]);
        editAt(root, path, edits[done] as Edit);
        return { ...call, [side]: root };
      }),
      names: lineOf(first, place),
    };
  };
}

const kinds: readonly Kind[] = [
  ...Object.keys(edits).map((edit) => fieldKind('answer', edit)),
  ...Object.keys(edits).map((edit) => fieldKind('request', edit)),
  (calls, random) => {
    const first = oneOf(random, calls);
    const status = oneOf(
      random,
      [203, 400, 403, 404, 500].filter((one) => one !== first.status),
    );
    return {
      what: `${first.name}: status ${status}`,
      calls: struck(calls, first.name, (call) => ({ ...call, status })),
      names: lineOf(first, 'status'),
    };
  },
  (calls, random) => {
    const first = oneOf(
      random,
      calls.filter(({ type }) => type !== undefined),
    );
    const type = oneOf(random, ['text/html', 'application/xml']);
    return {
      what: `${first.name}: content type ${type}`,
      calls: struck(calls, first.name, (call) => ({ ...call, type, answer: '<p>hello</p>' })),
      names: lineOf(first, `response ${first.status} content type`),
    };
  },
  (calls, random) => {
    const first = calls.find(({ location }) => location !== undefined) as Call;
    const location = oneOf(random, ['/login', '/users', undefined]);
    return {
      what: `${first.name}: redirect to ${location}`,
      calls: struck(calls, first.name, ({ location: _, ...call }) => ({
        ...call,
        ...(location !== undefined && { location }),
      })),
      names: lineOf(first, 'response 302 Location'),
    };
  },
  (calls, random) => {
    const first = oneOf(random, calls);
    return {
      what: `${first.name}: gone`,
      calls: calls.filter(({ name }) => name !== first.name),
      names: new RegExp(`${lineOf(first, '').source}.*is no longer called$`, 'm'),
    };
  },
  (calls, random) => {
    const made: Call = {
      name: 'invoice',
      method: oneOf(random, ['GET', 'POST', 'DELETE']),
      path: oneOf(random, ['/invoices', '/users/archive', '/orders/7/invoice']),
      query: [],
      status: 200,
      answer: {},
      type: 'application/json',
    };
    return {
      what: `new: ${made.method} ${made.path}`,
      calls: [...calls, made],
      names: new RegExp(`^${made.method} .*is new: it was not called before$`, 'm'),
    };
  },
  (calls, random) => {
    const first = oneOf(random, calls);
    const method = first.method === 'PATCH' ? 'PUT' : 'PATCH';
    return {
      what: `${first.name}: ${method}`,
      calls: struck(calls, first.name, (call) => ({ ...call, method })),
      names: new RegExp(`${lineOf(first, '').source}.*is no longer called$`, 'm'),
    };
  },
  (calls, random) => {
    const first = oneOf(random, calls);
    return {
      what: `${first.name}: query parameter new`,
      calls: struck(calls, first.name, (call) => ({
        ...call,
        query: [...call.query, ['deep', '1']],
      })),
      names: lineOf(first, 'query deep'),
    };
  },
];

function struck(calls: readonly Call[], name: string, change: (call: Call) => Call): Call[] {
  return calls.map((call) => (call.name === name ? change(call) : call));
}

/** `GET /users/:userId response 200 $.name` */
function lineOf({ method, path }: Call, place: string): RegExp {
  const root = path.split('/')[1] ?? '';
  return new RegExp(`^${method} /${root}\\S* ?${place.replace(/[$[\].]/g, '\\$&')}`, 'm');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The paths of all promised members of objects: `['users', '[]', 'name']`. */
function membersOf(value: unknown): string[][] {
  if (Array.isArray(value)) return membersOf(value[0]).map((path) => ['[]', ...path]);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .filter(([key]) => !unpromised.test(key))
    .flatMap(([key, member]) => [[key], ...membersOf(member).map((path) => [key, ...path])]);
}

function editAt(value: unknown, [step = '', ...rest]: readonly string[], edit: Edit): void {
  if (Array.isArray(value)) for (const element of value) editAt(element, rest, edit);
  else if (rest.length === 0) edit(value as Record<string, unknown>, step);
  else editAt((value as Record<string, unknown>)[step], rest, edit);
}
